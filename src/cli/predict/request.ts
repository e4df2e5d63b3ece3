import type { Container } from '#api/v1alpha1/container.ts';
import { PlainError } from '../action.ts';

export type Protocol = NonNullable<Container['protocol']>;
export const protocols = ['v1', 'v2', 'openai'] as const satisfies readonly Protocol[];

/** What the model is asked: a request as it is, rows of values, or a text. */
export type Input =
  | { readonly type: 'request'; readonly body: string }
  | { readonly type: 'rows'; readonly rows: readonly unknown[] }
  | { readonly type: 'text'; readonly text: string };

/** A tensor that a V2 model says to take. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
}

export interface PredictRequest {
  readonly path: string;
  readonly body: string;
}

/**
 * The request of an inference protocol.
 * @param tensor what the model takes, for V2; unset if it does not say
 * @throws PlainError where the protocol has no such input
 */
export function requestOf(
  protocol: Protocol,
  model: string,
  input: Input,
  tensor?: TensorMetadata,
): PredictRequest {
  switch (protocol) {
    case 'v1':
      return { path: `/v1/models/${model}:predict`, body: bodyOf(input, (instances) => ({ instances })) };
    case 'v2':
      return {
        path: `/v2/models/${model}/infer`,
        body: bodyOf(input, (rows) => ({ inputs: [tensorOf(rows, tensor)] })),
      };
    case 'openai':
      return openai(model, input);
  }
}

/** Where a V2 server says what a model takes. */
export const metadataPath = (model: string): string => `/v2/models/${model}`;

const bodyOf = (input: Input, wrap: (values: readonly unknown[]) => object): string =>
  input.type === 'request'
    ? input.body
    : JSON.stringify(wrap(input.type === 'rows' ? input.rows : [input.text]));

function openai(model: string, input: Input): PredictRequest {
  if (input.type === 'rows')
    throw new PlainError('--rows: a model that speaks OpenAI takes text: use --text or -f');
  if (input.type === 'text')
    return { path: '/v1/completions', body: JSON.stringify({ model, prompt: input.text }) };
  const chat = /"messages"\s*:/.test(input.body);
  return { path: chat ? '/v1/chat/completions' : '/v1/completions', body: input.body };
}

/** A tensor of the Open Inference Protocol, its data flat in row-major order. */
function tensorOf(rows: readonly unknown[], tensor?: TensorMetadata) {
  const shape = shapeOf(rows);
  const data = rows.flat(Number.POSITIVE_INFINITY);
  const isText = data.every((value) => typeof value === 'string');
  const { name, datatype } = tensor ?? { name: 'input-0', datatype: isText ? 'BYTES' : 'FP64' };
  return { name, shape, datatype, data };
}

function shapeOf(value: unknown): number[] {
  if (!Array.isArray(value)) return [];
  const [first, ...others] = value.map(shapeOf);
  if (others.some((shape) => `${shape}` !== `${first}`))
    throw new PlainError('--rows: the rows differ in length: each must have a value for each feature');
  return [value.length, ...(first ?? [])];
}

/** @throws PlainError */
export function parseRows(text: string, where: string): readonly unknown[] {
  const value = parsed(text, where);
  if (Array.isArray(value) && value.length > 0)
    // One row in place of rows; texts are rows of their own.
    return value.every((item) => typeof item === 'number' || typeof item === 'boolean') ? [value] : value;
  throw new PlainError(`${where}: write rows as JSON, such as [[5.1, 3.5, 1.4, 0.2]]`);
}

/** The contents of a file as an input: an array stands for rows, everything else for a whole request. */
export function inputOf(text: string, where: string): Input {
  const value = parsed(text, where);
  return Array.isArray(value)
    ? { type: 'rows', rows: parseRows(text, where) }
    : { type: 'request', body: text };
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlainError(`${where}: is not JSON: ${(cause as Error).message}`, { cause });
  }
}
