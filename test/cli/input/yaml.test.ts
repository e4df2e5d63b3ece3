import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDocuments, printDocument } from '#cli/input/yaml.ts';

const read = (source: string) => parseDocuments(source)[0]?.toJS();

describe('YAML that we print', () => {
  it('says the same by YAML 1.1 and by YAML 1.2', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[-+.0-9_a-fox:]{1,6}$/))),
        (texts) => {
          const printed = printDocument({ texts });
          expect(read(printed)).toEqual({ texts });
          expect(parse(printed)).toEqual({ texts });
        },
      ),
    );
  });

  it.each(['yes', 'on', 'null', '0o7', '0X1F', '1_000', '12:30', '.5', '~', ''])(
    'quotes the text %s',
    (text) => {
      expect(printDocument({ text })).toBe(`text: "${text}"\n`);
    },
  );

  it.each(['registry.example/iris:1', 'dev.local/iris@sha256:0'])('leaves the text %s bare', (text) => {
    expect(printDocument({ text })).toBe(`text: ${text}\n`);
  });
});

describe('YAML that we read', () => {
  it.each<[string, unknown]>([
    ['yes', true],
    ['010', 8],
    ['2001-12-14', '2001-12-14'],
    ['12:30', '12:30'],
    ['"yes"', 'yes'],
  ])('%s is what kubectl takes it for', (source, value) => {
    expect(read(source)).toEqual(value);
  });
});
