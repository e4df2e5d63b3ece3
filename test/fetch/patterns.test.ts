import { expect, test } from 'vitest';
import { matcher } from '#fetch/patterns.ts';

test.each<[string, string, boolean]>([
  ['*.json', 'config.json', true],
  ['*.json', 'a/b/config.json', true],
  ['*.json', 'config.json.gz', false],
  ['onnx/', 'onnx/model.onnx', true],
  ['onnx/', 'model/onnx/model.onnx', false],
  ['model-?.bin', 'model-1.bin', true],
  ['model-[0-3].bin', 'model-2.bin', true],
  ['model-[!0-3].bin', 'model-2.bin', false],
  ['a+(b).{c}^$|\\.bin', 'a+(b).{c}^$|\\.bin', true],
  ['*.json', 'CONFIG.JSON', false],
  ['[', '[', true],
  ['[]]', ']', true],
  ['🐭*', '🐭.bin', true],
])('%s of %s: %s', (pattern, path, fits) => {
  expect(matcher(['none', pattern])(path)).toBe(fits);
});
