/** The store that an https address belongs to, in terms of a model's URI. */
export type StoreAddress =
  | {
      readonly type: 'store';
      readonly uri: string;
      readonly region?: string | undefined;
      /** Whether its query carries a token that the URI cannot. */
      readonly hasToken: boolean;
    }
  /** A share of Azure Files, for which models have no scheme. */
  | { readonly type: 'file-share' };

interface Store {
  readonly host: RegExp;
  readonly addressOf: (host: readonly string[], path: string, query: string) => StoreAddress | undefined;
}

/** With a query, which may be a signature or a version, an address of S3 or Cloud Storage names one download. */
const unlessQueried = (query: string, uri: string, region?: string): StoreAddress | undefined =>
  query === '' ? { type: 'store', uri, region, hasToken: false } : undefined;

/**
 * Hosts of stores. KServe's storage initializer reads blobs and shares of Azure by such addresses, and downloads all else
 * as one file (python/storage/kserve_storage/kserve_storage.py, `_AZURE_BLOB_RE`). S3's hosts are those of
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html and
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/dual-stack-endpoints.html.
 */
const stores: readonly Store[] = [
  {
    host: /^([a-z0-9-]+)\.((z\d{1,2}\.)?blob\.(core\.windows|storage\.azure)|dfs\.core\.windows)\.net$/,
    addressOf: ([account = ''], path, query) => ({
      type: 'store',
      uri: `az://${account}${path}`,
      hasToken: query !== '',
    }),
  },
  {
    host: /^([a-z0-9-]+)\.(z\d{1,2}\.)?file\.(core\.windows|storage\.azure)\.net$/,
    addressOf: () => ({ type: 'file-share' }),
  },
  {
    host: /^(?:(.+)\.)?(?:storage|commondatastorage)\.googleapis\.com$|^storage\.cloud\.google\.com$/,
    addressOf: ([bucket], path, query) => unlessQueried(query, `gs:/${below(bucket)}${path}`),
  },
  {
    host: /^(?:(.+)\.)?s3(?:-fips|-accelerate|-external-1)?(?:\.dualstack)?(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/,
    addressOf: ([bucket, region], path, query) => unlessQueried(query, `s3:/${below(bucket)}${path}`, region),
  },
];

const below = (bucket: string | undefined) => (bucket ? `/${bucket}` : '');

/** The store of an https address; undefined for an address of a file. */
export function storeOf(text: string): StoreAddress | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, pathname, search, port } = new URL(text);
  if (port !== '') return undefined;
  const path = decoded(pathname);
  if (path === undefined || path === '/') return undefined;
  for (const { host, addressOf } of stores) {
    const [, ...parts] = host.exec(hostname) ?? [];
    if (host.test(hostname)) return addressOf(parts, path, search);
  }
  return undefined;
}

/** Keys are encoded in an address, and plain in the URI of a store. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
