import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#base/backoff.ts';
import type { Clock } from '#base/clock.ts';
import { UriError } from '#sources/model-uri.ts';
import type { Place } from '#sources/schemes.ts';
import { type ModelUri, parseUri } from '#sources/uri.ts';
import { measured, unpack } from './archive.ts';
import { parseDigest, WrongContentError } from './digest.ts';
import { cacheDenied, diskFull, freeBytes, type Target } from './disk.ts';
import { download } from './download.ts';
import {
  ChangedError,
  explain,
  FetchError,
  isDenied,
  isDiskFull,
  permanent,
  retryable,
  stalled,
} from './errors.ts';
import { lockFolder } from './lock.ts';
import type { Marker } from './marker.ts';
import { parseFileName } from './paths.ts';
import { type FetchRequest, makePlan, nothingThere, type Plan, patternsOf } from './plan.ts';
import type { Progress } from './progress.ts';
import { RangeClient } from './rangeclient.ts';
import { type Context, retrying, withIdleDeadline } from './retry.ts';
import type { Environment, SourceFlags } from './settings.ts';
import type { Layers, Page, RemoteFile, Source } from './source.ts';
import { openSource } from './sources/open.ts';
import { Staging } from './staging.ts';

export interface FetchOptions {
  /** `sha256:...` of the only file, as it is downloaded. */
  readonly digest?: string | undefined;
  /** The most bytes that the model may have. */
  readonly size?: number | undefined;
  /** False leaves an archive as it is. Default: true. */
  readonly unpack?: boolean;
  /** What a model that is one file is called: a file name, which may end in `.*` for its own extension. */
  readonly as?: string | undefined;
  /** Patterns of the paths to fetch, and of those not to: see `matcher`. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly concurrency?: number;
  /** Bytes. */
  readonly partSize?: number;
  readonly allowHttp?: boolean;
  readonly flags?: SourceFlags;
  /** What the folder is. Default: Folder. */
  readonly target?: Target | undefined;
  /** Where messages are read. Default: Prompt. */
  readonly place?: Place;
  /** Credentials and endpoints of the sources. */
  readonly env: Environment;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Milliseconds of silence after which a connection counts as cut. */
  readonly stallMs?: number;
}

export interface Fetched {
  readonly marker: Marker;
  /** False when all was there already. */
  readonly fetched: boolean;
}

/** How often a model that changes while it is downloaded is begun anew. */
const maxChanges = 3;
/** Where no size is declared: an archive may grow a hundredfold, and any to 10 GiB. */
const bombFactor = 100;
const bombBytes = 10 * 1024 ** 3;

/**
 * Fetches a model into a folder. A reader who waits for the marker file never sees half of it; a later run goes on
 * where an interrupted one stopped, and does nothing when all is there. One that comes while another is at work waits
 * for it.
 * @throws FetchError with one sentence; or the signal's reason
 */
export async function fetchModel(text: string, folder: string, options: FetchOptions): Promise<Fetched> {
  const { target } = options;
  const uri = readUri(text, options);
  const request: FetchRequest = {
    unpack: options.unpack ?? true,
    as: options.as === undefined ? undefined : parseFileName(options.as),
    sha256: options.digest === undefined ? undefined : parseDigest(options.digest),
    size: options.size,
    include: options.include,
    exclude: options.exclude,
  };
  const { size: _, ...decisive } = request;
  const key = createHash('sha256')
    .update(JSON.stringify([text, decisive]))
    .digest('hex');
  const staging = new Staging(folder);
  try {
    using _ = await lockFolder(folder, contextOf(options));
    const there = await staging.prepare(key);
    if (there) {
      await staging.touch(options.clock.now());
      return { marker: there, fetched: false };
    }
    const source = await openSource(uri, { env: options.env, flags: options.flags ?? {} });
    try {
      const marker = await untilUnchanged({ uri, key, request, staging, source, options });
      return { marker, fetched: true };
    } finally {
      source.close();
      options.progress.end();
    }
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof FetchError) throw error;
    if (isDiskFull(error))
      throw diskFull(folder, { needed: undefined, free: await freeBytes(folder), target, cause: error });
    if (target === 'Cache' && isDenied(error)) throw cacheDenied(folder, error);
    throw explain(error, uri.shown);
  }
}

function readUri(text: string, options: FetchOptions): ModelUri {
  try {
    return parseUri(text, options);
  } catch (error) {
    if (error instanceof UriError) throw permanent(error.message);
    throw error;
  }
}

interface Job {
  readonly uri: ModelUri;
  readonly key: string;
  readonly request: FetchRequest;
  readonly staging: Staging;
  readonly source: Source;
  readonly options: FetchOptions;
}

/** Parts of different versions are never mixed: when a file changes meanwhile, all is begun anew. */
async function untilUnchanged(job: Job): Promise<Marker> {
  const { staging, options } = job;
  for (let changes = 1; ; changes++) {
    try {
      return await fetchOnce(job);
    } catch (error) {
      if (!(error instanceof ChangedError)) throw error;
      await staging.discard();
      if (changes > maxChanges) {
        throw retryable(`${error.message}, ${changes} times in a row: run again when it stays as it is.`);
      }
      options.progress.log(`${error.message}: beginning anew`);
    }
  }
}

async function fetchOnce(job: Job): Promise<Marker> {
  const { uri, key, staging, options } = job;
  const plan = await list(job);
  await downloadAll(job, plan);
  const downloads = plan.layers ? staging.archive : staging.model;
  const sources = await Promise.all(
    plan.files.map(async ({ path, etag, digest }) => ({
      path,
      size: (await stat(join(downloads, path))).size,
      etag,
      sha256: digest?.algorithm === 'sha256' ? digest.value : undefined,
    })),
  );
  const held = plan.layers
    ? await orDiscard(staging, unpackAll(job, plan.layers, plan.files))
    : { files: sources.length, bytes: sources.reduce((sum, { size }) => sum + size, 0) };
  if (held.bytes === 0) {
    await staging.discard();
    throw nothingThere(uri.shown);
  }
  const time = new Date(options.clock.now()).toISOString();
  return staging.publish({ uri: uri.shown, key, revision: plan.revision, sources, ...held, time });
}

/** What was refused is not kept: a later run must not find it again. */
async function orDiscard<T>(staging: Staging, work: Promise<T>): Promise<T> {
  return work.catch(async (error) => {
    if (error instanceof FetchError) await staging.discard();
    throw error;
  });
}

async function list({ uri, request, source, options }: Job): Promise<Plan> {
  const { clock, signal } = options;
  const ms = stallMsOf(options);
  const late = (): Error => stalled(uri.shown, ms);
  const listPage = (next: string | undefined): Promise<Page> =>
    retrying(uri.shown, contextOf(options), () =>
      withIdleDeadline({ clock, ms, late, parent: signal }, (idle) => source.list(next, idle)),
    );
  const files: RemoteFile[] = [];
  let page: Page = { files: [] };
  do {
    page = await listPage(page.next);
    files.push(...page.files);
  } while (page.next !== undefined);
  const offered = request.include ? files : (source.select?.(files) ?? files);
  return { ...makePlan(uri, offered, request, page.layers), revision: page.revision };
}

async function downloadAll({ uri, key, staging, source, options }: Job, plan: Plan): Promise<void> {
  const { progress, concurrency = 8, partSize = 32 * 1024 ** 2 } = options;
  const resumable = plan.files.every(({ etag, digest }) => (etag ?? digest) !== undefined);
  const resumed = await staging.begin(JSON.stringify([key, partSize, plan.files]), resumable);
  let missing = plan.total;
  if (!resumed && missing !== undefined) {
    const free = await freeBytes(staging.folder);
    if (missing > free) throw diskFull(staging.folder, { needed: missing, free, target: options.target });
  }
  if (resumed) progress.log(`${uri.shown}: going on with what an interrupted run has left`);
  progress.start(uri.shown, plan.total);
  const count = (bytes: number): void => {
    if (missing !== undefined) missing -= bytes;
  };
  const rangeClient = new RangeClient();
  try {
    await download(plan.files, {
      ...contextOf(options),
      source,
      rangeClient,
      stallMs: stallMsOf(options),
      limit: plan.limit,
      concurrency,
      partSize,
      target: plan.layers ? staging.archive : staging.model,
      parts: staging.parts,
      onBytes: (bytes) => {
        count(bytes);
        progress.add(bytes);
      },
      onKept: (bytes) => {
        count(bytes);
        progress.keep(bytes);
      },
    });
  } catch (error) {
    // Of several files the others are good.
    if (error instanceof WrongContentError && plan.files.length === 1) await staging.discard();
    if (!isDiskFull(error)) throw error;
    const free = await freeBytes(staging.folder);
    throw diskFull(staging.folder, { needed: missing, free, target: options.target, cause: error });
  } finally {
    rangeClient.close();
  }
}

/** Unpacks an archive, or the layers of an image one over the other, and gives what is there in the end. */
async function unpackAll(
  { uri, request, staging, options }: Job,
  layers: Layers,
  files: readonly RemoteFile[],
) {
  const { progress, signal } = options;
  await rm(staging.model, { recursive: true, force: true });
  await mkdir(staging.model, { recursive: true });
  const packedBytes = files.reduce((sum, { size = 0 }) => sum + size, 0);
  const limit = request.size ?? Math.max(bombFactor * packedBytes, bombBytes);
  progress.start(`${uri.shown}, unpacking`, undefined);
  const onBytes = (bytes: number): void => progress.add(bytes);
  const common = {
    target: staging.model,
    where: uri.shown,
    inside: layers.path,
    isWanted: patternsOf(request),
  };
  let bytes = 0;
  for (const [index, kind] of layers.kinds.entries()) {
    const path = join(staging.archive, files[index]?.path ?? '');
    const isLayer = layers.kinds.length > 1;
    const one = await unpack({ ...common, kind, path, isLayer, limit: limit - bytes, signal, onBytes });
    bytes += one.bytes;
  }
  return measured(staging.model);
}

const stallMsOf = ({ stallMs = 30_000 }: FetchOptions): number => stallMs;

const contextOf = ({ clock, random, signal, progress, place = 'Prompt' }: FetchOptions): Context => ({
  clock,
  random,
  signal,
  place,
  log: progress.log,
});
