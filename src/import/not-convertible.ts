import type { Refusal } from './reasons.ts';

/** An object, or a part of it without which the rest would be something else, has no counterpart. */
export class NotConvertibleError extends Error {
  override readonly name = 'NotConvertibleError';
  readonly path: string;
  readonly reason: Refusal;
  readonly detail: string | undefined;

  constructor(path: string, reason: Refusal, detail?: string) {
    super(`${path}: ${reason}${detail === undefined ? '' : `: ${detail}`}`);
    this.path = path;
    this.reason = reason;
    this.detail = detail;
  }
}
