import type { Dispatcher } from 'undici';
import { ApiError, type Status } from './errors.ts';

const newline = 0x0a;

/**
 * Splits a byte stream into lines. Bytes are decoded a whole line at a time, so a chunk may end inside a character.
 * What follows the last newline is a line cut short and is dropped.
 *
 * @throws if a line is longer than `maxBytes`.
 */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts);
      if (line.length > maxBytes) throw tooLong(maxBytes);
      parts = [];
      length = 0;
      start = end + 1;
      if (line.length > 0) yield line.toString('utf8');
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) throw tooLong(maxBytes);
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`the server sent a line of more than ${maxBytes} bytes`);
}

/** Texts of the `Warning: 299 - "..."` headers of an answer (RFC 7234, section 5.5). */
export function warnings(header: string | string[] = []): string[] {
  const found = String(header).matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g);
  return [...found].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}

/** The error that an answer with a status code from 400 up stands for. */
export async function apiError(request: string, answer: Dispatcher.ResponseData): Promise<ApiError> {
  const status = parseStatus(await answer.body.text());
  const seconds = Number.parseInt(String(answer.headers['retry-after']), 10);
  return new ApiError(request, answer.statusCode, status, Number.isNaN(seconds) ? undefined : seconds);
}

function parseStatus(text: string): Status {
  try {
    const status = JSON.parse(text) as Status | null;
    if (status && typeof status === 'object') return status;
  } catch {
    // Proxies in between, and the server itself while it starts, answer in plain text.
  }
  const message = text.trim().slice(0, 500);
  return message ? { message } : {};
}
