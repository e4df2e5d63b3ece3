import { UriError, type UriOptions } from './model-uri.ts';
import { isFetched, isScheme, type SchemeName, schemeOf, schemes, unreadScheme } from './schemes.ts';

/** Where a model is. */
export type ModelUri = ReturnType<Extract<(typeof schemes)[SchemeName], { parse: unknown }>['parse']>;

/** The characters that a URI may have, for JavaScript and for RE2: all but control characters, and no space at its end. */
export const uriCharacters = /^\P{Cc}*[^\p{Cc} ]$/u;

/**
 * Reads a model's URI, the same way in all programs.
 * @throws UriError
 */
export function parseUri(text: string, options: UriOptions = {}): ModelUri {
  const { place = 'Prompt' } = options;
  if (!uriCharacters.test(text)) {
    const [wrong = ''] = /\p{Cc}| $/u.exec(text) ?? [];
    throw new UriError(
      `the URI ${JSON.stringify(text)} holds ${JSON.stringify(wrong)}, which none may: write it without.`,
    );
  }
  const name = schemeOf(text);
  const row = isScheme(name) ? schemes[name] : undefined;
  // No list offers http; where nobody allows it, its own parser says why not.
  const isRead = isFetched(name, place) || (name === 'http' && place === 'Prompt');
  if (row && 'parse' in row && isRead) return row.parse(text, options);
  throw new UriError(`${text}: ${unreadScheme(name, place)}.`);
}
