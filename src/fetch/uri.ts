import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { permanent } from './errors.ts';

/** Where a model lies. `shown` is the URI without what may be secret: user, password and query. */
export type ModelUri = { readonly shown: string } & (
  | { readonly scheme: 's3'; readonly bucket: string; readonly key: string }
  | { readonly scheme: 'https' | 'http'; readonly url: URL }
  | { readonly scheme: 'file'; readonly path: string }
);

const later = ['gs', 'az', 'hf', 'oci', 'pvc'];
const usable = 's3://, https:// and file://';

/**
 * Reads a model's URI. A key of `s3` is taken as it stands, nothing in it is decoded.
 * @throws FetchError with a sentence that says what to write instead
 */
export function parseUri(text: string, { allowHttp = false } = {}): ModelUri {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === 's3') return parseS3(text);
  if (scheme === 'https' || scheme === 'http') return parseHttp(text, scheme, allowHttp);
  if (scheme === 'file') return parseFile(text);
  if (scheme && later.includes(scheme)) {
    throw permanent(
      `${text}: ${scheme}:// is not supported yet: copy the model to ${usable.replace(' and', ' or')}.`,
    );
  }
  throw permanent(
    `${text}: the scheme ${scheme ? `${scheme}:// is unknown` : 'is missing'}: use one of ${usable}.`,
  );
}

function parseS3(text: string): ModelUri {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/.test(bucket)) {
    throw permanent(`${text}: "${bucket}" cannot be a bucket's name: write s3://bucket/key.`);
  }
  return { scheme: 's3', shown: text, bucket, key };
}

function parseHttp(text: string, scheme: 'https' | 'http', allowHttp: boolean): ModelUri {
  if (!URL.canParse(text)) throw permanent(`${text}: this is no URL: write https://host/path.`);
  const url = new URL(text);
  const shown = shownUrl(url);
  if (scheme === 'http' && !allowHttp) {
    throw permanent(
      `${shown}: plain http shows and trusts everybody on the way: use https://, or allow it with --allow-http.`,
    );
  }
  if (url.username || url.password) {
    throw permanent(
      `${shown}: a user or password in the URL would end up in logs: give it in DORMOUSE_HTTP_AUTHORIZATION, e.g. "Bearer ..." or "Basic ...".`,
    );
  }
  if (url.pathname.endsWith('/')) {
    throw permanent(`${shown}: ${scheme} has no listing of a folder: name one file or archive.`);
  }
  url.hash = '';
  return { scheme, shown, url };
}

function parseFile(text: string): ModelUri {
  const authority = /^file:\/\/([^/]*)/i.exec(text)?.[1] ?? '';
  if (authority)
    throw permanent(`${text}: a file has no host: write file:///${text.slice('file://'.length)}.`);
  try {
    return { scheme: 'file', shown: text, path: fileURLToPath(text) };
  } catch (cause) {
    throw permanent(`${text}: this is no path of a file: write file:///folder/file.`, { cause });
  }
}

/** A URL without user, password, query and fragment, any of which may be a secret. */
export function shownUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

/** The last name of the path: what a single file is called. */
export function nameOf(uri: ModelUri): string {
  if (uri.scheme === 's3') return posix.basename(uri.key);
  if (uri.scheme === 'file') return posix.basename(uri.path);
  const last = posix.basename(uri.url.pathname);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

export type ArchiveKind = 'tar' | 'tar.gz' | 'zip';

/** The kind of archive that the URI names by its ending. */
export function archiveKind(uri: ModelUri): ArchiveKind | undefined {
  const path = uri.scheme === 's3' ? uri.key : uri.scheme === 'file' ? uri.path : uri.url.pathname;
  const ending = /\.(tar|tar\.gz|tgz|zip)$/i.exec(path)?.[1]?.toLowerCase();
  return ending === 'tgz' ? 'tar.gz' : (ending as ArchiveKind | undefined);
}
