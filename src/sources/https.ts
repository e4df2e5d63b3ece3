import { type GsUri, gsAddressOf, parseGs } from './gs.ts';
import { type Located, namedBy, percentDecoded, UriError, type UriOptions } from './model-uri.ts';

export interface HttpUri extends Located {
  readonly scheme: 'https' | 'http';
  readonly url: URL;
}

/** Reads a URL as RFC 3986 says. What lies in a store that has a scheme of its own is read as that store is, with its credentials. */
export function parseHttp(text: string, { allowHttp = false }: UriOptions): HttpUri | GsUri {
  if (!URL.canParse(text)) throw new UriError(`${text}: this is no URL: write https://host/path.`);
  const url = new URL(text);
  const shown = shownUrl(url);
  const scheme = url.protocol === 'http:' ? 'http' : 'https';
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
  const address = scheme === 'https' ? gsAddressOf(url) : undefined;
  if (address) return { ...parseGs(address), shown };
  if (url.pathname.endsWith('/')) {
    throw new UriError(`${shown}: ${scheme} has no listing of a folder: name one file or archive.`);
  }
  url.hash = '';
  const { name, archive } = namedBy(url.pathname);
  return { scheme, shown, url, name: percentDecoded(name) ?? name, archive };
}

/** A URL without user, password, query and fragment, any of which may be a secret. */
export function shownUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
