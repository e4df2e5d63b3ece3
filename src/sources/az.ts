import { type Located, namedBy, percentDecoded, UriError } from './model-uri.ts';

/** A place in Azure Blob Storage. */
export interface AzUri extends Located {
  readonly scheme: 'az';
  readonly account: string;
  readonly container: string;
  /** A blob, or what the names of several begin with up to a `/`. */
  readonly key: string;
}

/** The key is taken as it stands, and nothing in it is decoded, as in the other stores of objects. */
export function parseAz(text: string): AzUri {
  const [, account = '', container = '', key = ''] = /^az:\/\/([^/]*)\/?([^/]*)\/?(.*)$/is.exec(text) ?? [];
  // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage
  if (!/^[a-z0-9]{3,24}$/.test(account)) {
    throw new UriError(
      `${text}: "${account}" cannot be a storage account's name: write az://account/container/key.`,
    );
  }
  if (!/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$|^\$(root|web|logs)$/.test(container)) {
    throw new UriError(
      `${text}: "${container}" cannot be a container's name: write az://account/container/key.`,
    );
  }
  return { scheme: 'az', shown: text, account, container, key, ...namedBy(key) };
}

/**
 * The az:// URI of what a URL of Blob Storage names; undefined for any other. With a query, which may be a signature, it is the
 * URL of one download.
 */
export function azAddressOf({ hostname, port, pathname, search }: URL): string | undefined {
  const [host, account] = /^([a-z0-9]{3,24})\.(?:blob|dfs)\.core\.windows\.net$/.exec(hostname) ?? [];
  const path = percentDecoded(pathname);
  // What has no container before it is a blob of the container $root.
  return host && !port && !search && path && /^\/[^/]+\//.test(path) ? `az://${account}${path}` : undefined;
}
