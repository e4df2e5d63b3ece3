import type { Setting } from '#knative/setting.ts';
import type { Seen } from './snapshot.ts';

/** What one check found. */
export interface Verdict {
  readonly topic: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
  /** Settings of Knative that mend it. */
  readonly settings?: readonly Setting[];
}

export const ok = (topic: string, message: string): Verdict => ({ topic, level: 'ok', message });

export const warning = (topic: string, message: string, advice?: string): Verdict => ({
  topic,
  level: 'warning',
  message,
  ...(advice && { advice }),
});

export const problem = (topic: string, message: string, advice?: string): Verdict => ({
  topic,
  level: 'problem',
  message,
  ...(advice && { advice }),
});

/** For what the caller may not see: no verdict on the cluster. */
export const hidden = (topic: string, seen: Seen<unknown>): Verdict =>
  warning(topic, `cannot be told: ${seen.state === 'hidden' ? seen.why : 'it is not there'}`);

/** Verdicts for people: a line each, and below it what to do. */
export function verdictText(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ topic }) => topic.length));
  const lines = verdicts.flatMap(({ level, topic, message, advice }) => [
    `${level.padEnd(7)}  ${topic.padEnd(width)}  ${message}`,
    ...(advice ? [`${' '.repeat(width + 11)}-> ${advice}`] : []),
  ]);
  return `${lines.join('\n')}\n`;
}
