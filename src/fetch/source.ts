import type { Readable } from 'node:stream';
import type { ArchiveKind } from '#sources/model-uri.ts';
import type { Digest } from './digest.ts';
import type { PlainRequest } from './rangeclient.ts';
import type { Environment, SourceFlags } from './settings.ts';

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
  /** Of its content, which is checked when it is there. */
  readonly digest?: Digest | undefined;
  /** Whether a part of it can be had. */
  readonly ranges: boolean;
}

/** A part of the list of a model's files. */
export interface Page {
  readonly files: readonly RemoteFile[];
  /** Where the next page begins; unset on the last one. */
  readonly next?: string | undefined;
  /** The commit or manifest that all files are of. */
  readonly revision?: string | undefined;
  /** Set where the files are the layers of an image, the lowest first. */
  readonly layers?: Layers | undefined;
}

export interface Layers {
  readonly kinds: readonly ArchiveKind[];
  /** The file or folder that is the model; empty for all. */
  readonly path: string;
}

/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** With what a source is opened. */
export interface SourceOptions {
  /** Credentials, endpoints and proxies. */
  readonly env: Environment;
  readonly flags: SourceFlags;
}

/** A range as the header `Range` has it (RFC 9110, section 14.1.2). */
export const rangeHeader = ({ start, end }: Range): string => `bytes=${start}-${end - 1}`;

/** A place that models are fetched from. Sources do not retry: that is done once for all of them. */
export interface Source {
  /** A page of the files of the model: the first one, or the one that begins at `next` of the page before. */
  list(next: string | undefined, signal: AbortSignal): Promise<Page>;
  /** Of all files those that make the model, where the user does not say which. */
  select?(files: readonly RemoteFile[]): readonly RemoteFile[];
  /**
   * The bytes of a file, without any coding of the server's, or of a part of it.
   * @throws ChangedError when the file is no longer the one that was listed
   */
  open(file: RemoteFile, range: Range | undefined, signal: AbortSignal): Promise<Readable>;
  /** The request for a file or a part of it, where a plain GET will do. Its answer must be of the file's `etag`. */
  plainRequest?(
    file: RemoteFile,
    range: Range | undefined,
    signal: AbortSignal,
  ): Promise<PlainRequest | undefined>;
  close(): void;
}
