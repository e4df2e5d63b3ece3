import { type Place, schemeOf, unreadScheme } from './schemes.ts';

/** Where a model is. `shown` is the URI without what may be secret: user, password and query. */
export type ModelUri = { readonly shown: string } & (
  | { readonly scheme: 's3'; readonly bucket: string; readonly key: string }
  | { readonly scheme: 'https' | 'http'; readonly url: URL }
  | { readonly scheme: 'file'; readonly path: string }
);

/** A URI that names no model. Its message is one sentence that says what to write instead. */
export class UriError extends Error {
  override readonly name = 'UriError';
}

/** The characters that a URI may have, for JavaScript and for RE2: all but control characters, and no space at its end. */
export const uriCharacters = /^\P{Cc}*[^\p{Cc} ]$/u;

interface UriOptions {
  /** Reads http, which has no secrecy. */
  readonly allowHttp?: boolean;
  readonly place?: Place;
}

/**
 * Reads a model's URI, the same way in all programs. The key of an s3 URI is taken as it stands, spaces and other scripts
 * included, and nothing in it is decoded: so does `aws s3 cp`
 * (https://docs.aws.amazon.com/cli/latest/reference/s3/). https and file URIs are decoded as RFC 3986 says.
 * @throws UriError
 */
export function parseUri(text: string, { allowHttp = false, place = 'Prompt' }: UriOptions = {}): ModelUri {
  if (!uriCharacters.test(text)) {
    const [wrong = ''] = /\p{Cc}| $/u.exec(text) ?? [];
    throw new UriError(
      `the URI ${JSON.stringify(text)} holds ${JSON.stringify(wrong)}, which none may: write it without.`,
    );
  }
  const scheme = schemeOf(text);
  if (scheme === 's3') return parseS3(text);
  if (scheme === 'https' || (scheme === 'http' && place === 'Prompt'))
    return parseHttp(text, scheme, allowHttp);
  if (scheme === 'file' && place === 'Prompt') return parseFile(text);
  throw new UriError(`${text}: ${unreadScheme(scheme, place)}.`);
}

function parseS3(text: string): ModelUri {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/.test(bucket)) {
    throw new UriError(`${text}: "${bucket}" cannot be a bucket's name: write s3://bucket/key.`);
  }
  return { scheme: 's3', shown: text, bucket, key };
}

function parseHttp(text: string, scheme: 'https' | 'http', allowHttp: boolean): ModelUri {
  if (!URL.canParse(text)) throw new UriError(`${text}: this is no URL: write https://host/path.`);
  const url = new URL(text);
  const shown = shownUrl(url);
  if (scheme === 'http' && !allowHttp) {
    throw new UriError(
      `${shown}: with plain http, others on the network can read and change the model: use https://, or allow it with --allow-http.`,
    );
  }
  if (url.username || url.password) {
    throw new UriError(
      `${shown}: a user or password in the URL would end up in logs: give it in DORMOUSE_HTTP_AUTHORIZATION, e.g. "Bearer ..." or "Basic ...".`,
    );
  }
  if (url.pathname.endsWith('/')) {
    throw new UriError(`${shown}: ${scheme} has no listing of a folder: name one file or archive.`);
  }
  url.hash = '';
  return { scheme, shown, url };
}

function parseFile(text: string): ModelUri {
  const [, authority = '', path = ''] = /^file:\/\/([^/]*)(.*)$/is.exec(text) ?? [];
  if (authority)
    throw new UriError(`${text}: a file has no host: write file:///${text.slice('file://'.length)}.`);
  const decoded = decode(path);
  if (!path || decoded === undefined || decoded.includes('\0') || /%2f/i.test(path))
    throw new UriError(`${text}: this is no path of a file: write file:///folder/file.`);
  return { scheme: 'file', shown: text, path: decoded };
}

/** A URL without user, password, query and fragment, any of which may be a secret. */
export function shownUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

/** The last name of the path: what a single file is called. */
export function nameOf(uri: ModelUri): string {
  if (uri.scheme === 's3') return lastName(uri.key);
  if (uri.scheme === 'file') return lastName(uri.path);
  const last = lastName(uri.url.pathname);
  return decode(last) ?? last;
}

/** The last name of a path. */
export const lastName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? '';

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export type ArchiveKind = 'tar' | 'tar.gz' | 'zip';

/** The kind of archive that the URI names by its ending. */
export function archiveKind(uri: ModelUri): ArchiveKind | undefined {
  const path = uri.scheme === 's3' ? uri.key : uri.scheme === 'file' ? uri.path : uri.url.pathname;
  const ending = /\.(tar|tar\.gz|tgz|zip)$/i.exec(path)?.[1]?.toLowerCase();
  return ending === 'tgz' ? 'tar.gz' : (ending as ArchiveKind | undefined);
}
