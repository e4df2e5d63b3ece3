import { PlainError } from '../action.ts';
import { hintFor } from '../status/hints.ts';

/** There is no answer of the model. The message says what happened, without the name of the model. */
export class NoAnswerError extends PlainError {
  override readonly name = 'NoAnswerError';
}

/** What a server says went wrong, and the rest of its answer. */
export interface ServerError {
  readonly cause: string;
  /** Lines that stand before the cause, such as a traceback. */
  readonly details: readonly string[];
}

/**
 * Reads an answer that reports an error. Servers wrap a traceback in JSON (`error` of V2, `detail` of FastAPI, `error.message`
 * of OpenAI); its last line is the cause.
 */
export function serverError(body: string): ServerError {
  const lines = messageIn(body)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
  return { cause: lines.at(-1)?.trim() ?? 'the answer is empty', details: lines.slice(0, -1) };
}

function messageIn(body: string): string {
  try {
    const { error, detail, message } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const inner = (error as { readonly message?: unknown } | null | undefined)?.message;
    for (const text of [inner, error, detail, message]) if (typeof text === 'string') return text;
  } catch {
    // Text as it is.
  }
  return body;
}

/** What kept a model from answering, in one sentence. */
export function noAnswerText(
  name: string,
  { what, cause }: { readonly what: string; readonly cause?: string | undefined },
): string {
  const why = cause ? `: ${cause.replace(/\.$/, '')}` : '';
  const hint = cause && hintFor(cause);
  return `${name}: ${what}${why}${hint ? `; ${hint}` : ''}; see "dormouse status ${name}"`;
}
