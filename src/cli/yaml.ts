import { Document, parseAllDocuments, type Tags, visit } from 'yaml';

/** YAML 1.1 but for times and numbers to the base of 60, which are text to `kubectl`. */
const withoutTimes = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'),
  );

/** The documents of a YAML stream, read as `kubectl` reads it: by YAML 1.1, to which `yes` is no text. */
export const parseDocuments = (source: string) => [
  ...parseAllDocuments(source, { version: '1.1', customTags: withoutTimes }),
];

/**
 * A value as YAML that every parser reads alike, though they differ in what is a number or a word for true: text
 * stands without quotes only where it begins with a letter, and is no such word of YAML 1.1.
 */
export function printDocument(value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string' && !/^[a-z][ -~]*$/i.test(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
