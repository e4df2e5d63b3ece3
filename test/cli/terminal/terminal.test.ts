import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDocuments, printDocument } from '#cli/input/yaml.ts';
import { harmless } from '#cli/terminal/terminal.ts';
import { kubeconfigOf, run } from '../run.ts';

it.each([
  ['a colour of ours', '\u001b[31mrefused\u001b[39m', '\u001b[31mrefused\u001b[39m'],
  ['words, lines and tabs', 'Grüße,\n\t世界 🐭', 'Grüße,\n\t世界 🐭'],
  ['hidden text', '\u001b[8mx', '\\u001b[8mx'],
  ['the title of the window', '\u001b]0;x\u0007', '\\u001b]0;x\\u0007'],
  ['the start of the line', 'problem\rok', 'problem\\u000dok'],
  ['an order of the C1 set', '\u009b2J', '\\u009b2J'],
  ['text that runs the other way', '\u202eko', '\\u202eko'],
])('%s: a terminal is given no orders but ours', (_, text, shown) => {
  expect(harmless(text)).toBe(shown);
});

it('programs read the same from JSON and YAML', () => {
  const text = fc.string({
    unit: fc.constantFrom('\u001b', '[', '3', '1', 'm', '\u0085', '\u009b', '\u202e', 'a', '\n'),
  });
  fc.assert(
    fc.property(fc.dictionary(text, text), (value) => {
      const read = (yaml: string) => parseDocuments(yaml)[0]?.toJS();
      expect(JSON.parse(harmless(JSON.stringify(value, null, 2)))).toEqual(value);
      expect(read(harmless(printDocument(value)))).toEqual(read(printDocument(value)));
    }),
  );
});

it('what a container left behind comes through "status" spelled out', async () => {
  const message = 'container server exited with code 1: \u001b[2J\u001b]0;owned\u0007';
  const model = {
    apiVersion: 'dormouse.dev/v1alpha1',
    kind: 'InferenceModel',
    metadata: { name: 'iris', namespace: 'default', generation: 1 },
    spec: {},
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'False', reason: 'RevisionFailed', message }],
    },
  };
  const config = await kubeconfigOf((request, response) =>
    response.end(
      JSON.stringify(
        request.url?.endsWith('/iris') ? model : { apiVersion: 'v1', kind: 'XList', metadata: {}, items: [] },
      ),
    ),
  );
  const { stdout } = await run(['status', 'iris', '--kubeconfig', config]);
  expect(stdout).toContain('exited with code 1: \\u001b[2J\\u001b]0;owned\\u0007');
});
