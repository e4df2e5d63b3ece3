import { setTimeout as delay } from 'node:timers/promises';

export type Wait = {
  readonly signal?: AbortSignal | undefined;
  /** Default 90. */
  readonly seconds?: number;
  /** Throws when waiting has become pointless, say because the process waited for has ended. */
  readonly check?: () => Promise<void>;
};

/** Polls `probe` until it gives something truthy, and gives that. Throws after `seconds`, naming what was waited for. */
export async function until<T>(
  what: string,
  probe: () => Promise<T>,
  { signal, seconds = 90, check }: Wait = {},
): Promise<T & {}> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    await check?.();
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain for ${what}.`);
    await delay(100, undefined, { signal });
  }
}

/** Runs tasks side by side. When one fails the others are aborted and awaited, and its error is thrown. */
export async function together(
  signal: AbortSignal,
  ...tasks: readonly ((signal: AbortSignal) => Promise<void>)[]
): Promise<void> {
  const failure = new AbortController();
  const linked = AbortSignal.any([signal, failure.signal]);
  const failing = tasks.map((task) => task(linked).catch((error) => failure.abort(error)));
  await Promise.all(failing);
  failure.signal.throwIfAborted();
}
