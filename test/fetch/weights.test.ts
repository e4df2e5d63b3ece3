import { expect, test } from 'vitest';
import { withoutDuplicates } from '#fetch/sources/hf/weights.ts';

const kept = (...paths: string[]): string[] =>
  withoutDuplicates(paths.map((path) => ({ id: path, path, where: path, ranges: true }))).map(
    ({ path }) => path,
  );

test.each<[string, string[], string[]]>([
  [
    'a model for three libraries',
    [
      'config.json',
      'model.safetensors',
      'pytorch_model.bin',
      'tf_model.h5',
      'flax_model.msgpack',
      'rust_model.ot',
    ],
    ['config.json', 'model.safetensors'],
  ],
  [
    'a Llama with its original weights',
    [
      'model-00001-of-00002.safetensors',
      'model.safetensors.index.json',
      'original/consolidated.00.pth',
      'tokenizer.model',
    ],
    ['model-00001-of-00002.safetensors', 'model.safetensors.index.json', 'tokenizer.model'],
  ],
  [
    'a Mistral',
    ['model.safetensors', 'consolidated.safetensors', 'params.json'],
    ['model.safetensors', 'params.json'],
  ],
  [
    'one that is consolidated alone',
    ['consolidated.safetensors', 'params.json'],
    ['consolidated.safetensors', 'params.json'],
  ],
  [
    'parts in folders',
    [
      'unet/diffusion_pytorch_model.safetensors',
      'unet/diffusion_pytorch_model.bin',
      'vae/diffusion_pytorch_model.bin',
    ],
    ['unet/diffusion_pytorch_model.safetensors', 'vae/diffusion_pytorch_model.bin'],
  ],
  [
    'sentence transformers',
    ['model.safetensors', 'onnx/model.onnx', '2_Dense/pytorch_model.bin', 'tokenizer.bin'],
    ['model.safetensors', '2_Dense/pytorch_model.bin', 'tokenizer.bin'],
  ],
  [
    'no safetensors',
    ['pytorch_model.bin', 'onnx/model.onnx', 'tf_model.h5'],
    ['pytorch_model.bin', 'onnx/model.onnx', 'tf_model.h5'],
  ],
])('%s', (_, files, want) => {
  expect(kept(...files)).toEqual(want);
});
