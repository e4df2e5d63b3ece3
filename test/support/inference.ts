import { request } from 'undici';

/** Where an ingress listens on this machine. */
export interface Ingress {
  readonly host: string;
  readonly port: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Milliseconds from sending the request to the last byte of the answer. */
  readonly ms: number;
}

/** Sends a request to a model by its public URL, through an ingress at another address. POST where there is a body. */
export async function ask(ingress: Ingress, url: string, path: string, body?: unknown): Promise<Answer> {
  const started = performance.now();
  const answer = await request(`http://${ingress.host}:${ingress.port}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { host: new URL(url).host, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
    headersTimeout: 120_000,
    // A proxy answers on a connection that is open by the routes of when it was opened.
    reset: true,
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, text, ms: performance.now() - started };
}

/** A request of the V2 inference protocol: rows of numbers. */
export function v2Request(rows: readonly (readonly number[])[], datatype: 'FP32' | 'FP64' = 'FP64') {
  const data = rows.flat();
  const shape = [rows.length, data.length / rows.length];
  return { inputs: [{ name: 'features', shape, datatype, data }] };
}

/**
 * What a V2 model says of these rows, and how long it took in milliseconds.
 * @throws with the answer as it came where it is no prediction
 */
export async function predict(
  ingress: Ingress,
  url: string,
  model: string,
  rows: readonly (readonly number[])[],
  datatype?: 'FP32' | 'FP64',
): Promise<{ readonly predictions: number[]; readonly ms: number }> {
  const { status, text, ms } = await ask(
    ingress,
    url,
    `/v2/models/${model}/infer`,
    v2Request(rows, datatype),
  );
  if (status !== 200) throw new Error(`${model} answered with status ${status}: ${text}`);
  return { predictions: JSON.parse(text).outputs[0].data, ms };
}
