import { describe, expect, it } from 'vitest';
import { timingText } from '#cli/predict/predict.ts';
import { type Input, inputOf, type Protocol, parseRows, requestOf } from '#cli/predict/request.ts';

const rows: Input = {
  type: 'rows',
  rows: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
};
const words: Input = { type: 'text', text: 'hello' };
const chat = '{"model": "tiny", "messages": []}';

describe('the request of a protocol', () => {
  it.each<[string, Protocol, Input, string, unknown]>([
    [
      'V2: a tensor of the rows',
      'v2',
      rows,
      '/v2/models/iris/infer',
      { inputs: [{ name: 'input-0', shape: [3, 2], datatype: 'FP64', data: [1, 2, 3, 4, 5, 6] }] },
    ],
    [
      'V2: a text as bytes',
      'v2',
      words,
      '/v2/models/iris/infer',
      { inputs: [{ name: 'input-0', shape: [1], datatype: 'BYTES', data: ['hello'] }] },
    ],
    [
      'V1: instances',
      'v1',
      rows,
      '/v1/models/iris:predict',
      {
        instances: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      },
    ],
    ['V1: a text', 'v1', words, '/v1/models/iris:predict', { instances: ['hello'] }],
    ['OpenAI: a prompt', 'openai', words, '/v1/completions', { model: 'iris', prompt: 'hello' }],
    ['a whole request', 'v2', inputOf('{"inputs": []}', 'x'), '/v2/models/iris/infer', { inputs: [] }],
    ['OpenAI: a chat', 'openai', inputOf(chat, 'x'), '/v1/chat/completions', JSON.parse(chat)],
    [
      'one row in place of rows',
      'v1',
      { type: 'rows', rows: parseRows('[5.1, 3.5]', 'x') },
      '/v1/models/iris:predict',
      { instances: [[5.1, 3.5]] },
    ],
    ['rows of a file', 'v1', inputOf('[[1]]', 'x'), '/v1/models/iris:predict', { instances: [[1]] }],
  ])('%s', (_, protocol, input, path, body) => {
    const request = requestOf(protocol, 'iris', input);
    expect(request.path).toBe(path);
    expect(JSON.parse(request.body)).toEqual(body);
  });

  it('takes the name and the type of the tensor from the model where it tells them', () => {
    const { body } = requestOf('v2', 'iris', rows, { name: 'X', datatype: 'FP32' });
    expect(JSON.parse(body).inputs[0]).toMatchObject({ name: 'X', datatype: 'FP32' });
  });

  it('sends a whole request byte for byte', () => {
    const text = '{ "id":  12345678901234567890 }';
    expect(requestOf('v2', 'iris', inputOf(text, 'x')).body).toBe(text);
  });

  it.each([
    [
      'rows for a language model',
      () => requestOf('openai', 'iris', rows),
      '--rows: a model that speaks OpenAI',
    ],
    [
      'rows that differ in length',
      () => requestOf('v2', 'iris', { type: 'rows', rows: [[1], [1, 2]] }),
      '--rows: the rows differ in length',
    ],
    ['rows that are none', () => parseRows('{}', '--rows'), '--rows: write rows as JSON, such as [[5.1'],
    ['a file that is not JSON', () => inputOf('a: 1', 'x.yaml'), 'x.yaml: is not JSON: '],
  ])('refuses %s', (_, make, sentence) => {
    expect(make).toThrow(sentence);
  });
});

it('tells a cold answer from a warm one', () => {
  expect(timingText('iris', 0, 2711, 'at http://iris')).toBe(
    'cold: iris was asleep, and answered after 2.7 s, at http://iris',
  );
  expect(timingText('iris', 2, 12.3, 'at http://iris')).toBe(
    'warm: iris was awake with 2 pods, and answered after 12 ms, at http://iris',
  );
});
