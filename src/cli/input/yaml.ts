import { Document, parseAllDocuments, type Tags, visit } from 'yaml';

/** YAML 1.1 but for times and numbers to the base of 60, which are text to `kubectl`, and for what JSON does not have. */
const ofJson = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !(unwanted.has(tag.tag) || tag.format === 'TIME'));
const unwanted = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * The documents of a YAML stream, read as `kubectl` reads it: by YAML 1.1, to which `yes` is no text. Files that were
 * put one after the other may each begin with a byte order mark.
 */
export const parseDocuments = (source: string) => [
  ...parseAllDocuments(source.replaceAll(/^\uFEFF/gm, ''), {
    version: '1.1',
    customTags: ofJson,
    stringKeys: true,
    logLevel: 'error',
  }),
];

/**
 * A value as YAML that every parser reads alike, though they differ in what is a number or a word for true: text
 * stands without quotes only where it begins with a letter, and is no such word of YAML 1.1; keys do in ASCII.
 */
export function printDocument(value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      const plain = key === 'key' ? /^[ -~]*$/ : /^[a-z][ -~]*$/i;
      if (typeof node.value === 'string' && !plain.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
