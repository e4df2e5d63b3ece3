import type { Place } from './schemes.ts';

/** What the URIs of all schemes have; each scheme adds how its source finds the model. */
export interface Located {
  /** The URI without what may be secret: user, password and query. */
  readonly shown: string;
  /** The last name of the path: what a single file is called. */
  readonly name: string;
  /** The kind of archive that the URI names by its ending. */
  readonly archive?: ArchiveKind | undefined;
}

export type ArchiveKind = 'tar' | 'tar.gz' | 'tar.zst' | 'zip';

export interface UriOptions {
  /** Reads http, which has no secrecy. */
  readonly allowHttp?: boolean;
  readonly place?: Place;
}

/** A URI that names no model. Its message is one sentence that says what to write instead. */
export class UriError extends Error {
  override readonly name = 'UriError';
}

/** What a path says of the model: its last name, and the kind of archive by its ending. */
export function namedBy(path: string): Pick<Located, 'name' | 'archive'> {
  const ending = /\.(tar|tar\.gz|tgz|tar\.zst|tzst|zip)$/i.exec(path)?.[1]?.toLowerCase();
  return {
    name: path.replace(/\/+$/, '').split('/').at(-1) ?? '',
    archive: ending?.replace(/^t(gz|zst)$/, 'tar.$1') as ArchiveKind | undefined,
  };
}

/** A percent-encoded text as it is meant; undefined where it is none. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
