import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '#base/clock.ts';
import { FetchError } from '#fetch/errors.ts';
import { type Fetched, type FetchOptions, fetchModel } from '#fetch/fetch.ts';
import { makeProgress } from '#fetch/progress.ts';

/** A clock that runs so much faster that waits between retries take no time worth naming. */
export function fastClock(factor = 100): Clock {
  return {
    now: () => Date.now() * factor,
    monotonic: () => performance.now() * factor,
    after(ms, callback) {
      const timer = setTimeout(callback, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}

/** A folder that is gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dormouse-fetch-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export type Options = Partial<FetchOptions> & { readonly lines?: string[] };

/** Fetches as the command does, on a fast clock, from this machine alone. */
export function fetchInto(folder: string, uri: string, options: Options = {}): Promise<Fetched> {
  const clock = options.clock ?? fastClock();
  return fetchModel(uri, folder, {
    env: {},
    clock,
    random: Math.random,
    signal: new AbortController().signal,
    progress: makeProgress('none', clock, (text) => options.lines?.push(text.trim())),
    allowHttp: true,
    ...options,
  });
}

/** The failure of something that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<FetchError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FetchError)) throw new Error(`not a FetchError: ${String(error)}`, { cause: error });
  return error;
}
