import type { Dispatcher } from 'undici';
import { ApiError, type Status } from './errors.ts';

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
