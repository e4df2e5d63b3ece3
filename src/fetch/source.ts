import type { Readable } from 'node:stream';
import type { PlainRequest } from './rangeclient.ts';

/** One file of a model where it comes from. */
export interface RemoteFile {
  /** The source's own name of it: an object key, a path, a URL. */
  readonly id: string;
  /** Below the model's folder, with `/` between names. */
  readonly path: string;
  /** For sentences. */
  readonly where: string;
  /** Bytes; unknown where the server does not say. */
  readonly size?: number | undefined;
  /** Names the content: as long as it stays the same, so do the bytes. */
  readonly etag?: string | undefined;
  /** Whether a part of it can be had. */
  readonly ranges: boolean;
}

/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A place that models are fetched from. Sources do not retry: that is done once for all of them. */
export interface Source {
  /** The files of the model. Throws when there is none. */
  list(signal: AbortSignal): Promise<readonly RemoteFile[]>;
  /**
   * The bytes of a file, or of a part of it.
   * @throws ChangedError when the file is no longer the one that was listed
   */
  open(file: RemoteFile, range: Range | undefined, signal: AbortSignal): Promise<Readable>;
  /** The request for a file or a part of it, where a plain GET will do. Its answer must be of the file's `etag`. */
  plainRequest?(file: RemoteFile, range: Range | undefined): Promise<PlainRequest | undefined>;
  close(): void;
}
