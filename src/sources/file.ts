import { type Located, namedBy, percentDecoded, UriError } from './model-uri.ts';

export interface FileUri extends Located {
  readonly scheme: 'file';
  readonly path: string;
}

/** Decodes the path as RFC 3986 says. */
export function parseFile(text: string): FileUri {
  const [, authority = '', encoded = ''] = /^file:\/\/([^/]*)(.*)$/is.exec(text) ?? [];
  if (authority)
    throw new UriError(`${text}: a file has no host: write file:///${text.slice('file://'.length)}.`);
  const path = percentDecoded(encoded);
  if (!path || path.includes('\0') || /%2f/i.test(encoded))
    throw new UriError(`${text}: this is no path of a file: write file:///folder/file.`);
  return { scheme: 'file', shown: text, path, ...namedBy(path) };
}
