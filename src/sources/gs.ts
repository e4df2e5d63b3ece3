import { type Located, namedBy, percentDecoded, UriError } from './model-uri.ts';

/** A place in Google Cloud Storage. */
export interface GsUri extends Located {
  readonly scheme: 'gs';
  readonly bucket: string;
  /** An object, or what the names of several begin with up to a `/`. */
  readonly key: string;
}

/** The key is taken as it stands, and nothing in it is decoded: so does `gcloud storage cp`. */
export function parseGs(text: string): GsUri {
  const [, bucket = '', key = ''] = /^gs:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  // https://cloud.google.com/storage/docs/buckets#naming
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) {
    throw new UriError(`${text}: "${bucket}" cannot be a bucket's name: write gs://bucket/key.`);
  }
  return { scheme: 'gs', shown: text, bucket, key, ...namedBy(key) };
}

const hosts = /^(?:(.+)\.)?(?:storage|commondatastorage)\.googleapis\.com$|^storage\.cloud\.google\.com$/;

/**
 * The gs:// URI of what a URL of Cloud Storage names; undefined for any other. A query, which may be a signature or a
 * version, makes it the URL of one download.
 */
export function gsAddressOf({ hostname, port, pathname, search }: URL): string | undefined {
  const [host, bucket] = hosts.exec(hostname) ?? [];
  const path = percentDecoded(pathname);
  if (!host || port || search || path === undefined || path === '/') return undefined;
  return `gs:/${bucket ? `/${bucket}` : ''}${path}`;
}
