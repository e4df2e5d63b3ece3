import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { type Credentials, tokenOf } from './credentials.ts';

/** As much of a client as starting a cluster needs; a kubectl process for each poll would cost more than the answer. */
export type Api = {
  /** Status and parsed body; status 0 while nothing answers. */
  readonly request: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<Answer>;
  readonly close: () => void;
};

export type Answer = { readonly status: number; readonly body: unknown };

export async function adminApi(credentials: Credentials, port: number): Promise<Api> {
  const ca = await readFile(credentials.certificate);
  const headers = {
    authorization: `Bearer ${await tokenOf(credentials, 'admin')}`,
    'content-type': 'application/json',
  };
  const agent = new Agent({ ca, keepAlive: true });
  const to = { host: '127.0.0.1', port, headers, agent, timeout: 15_000 };
  return {
    request: (method, path, body) =>
      new Promise((resolve) => {
        const fail = (): void => resolve({ status: 0, body: undefined });
        const sent = request({ ...to, method, path }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: parse(text) }));
          answer.on('error', fail);
        });
        sent.on('timeout', () => sent.destroy());
        sent.on('error', fail);
        sent.end(body && JSON.stringify(body));
      }),
    close: () => agent.destroy(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
