import type { Setting } from '#knative/setting.ts';
import { plainScreen, type Screen, wrapped } from '../terminal/output.ts';
import type { Seen } from './snapshot.ts';

/** What one check found. */
export interface Verdict {
  readonly topic: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
  /** There is no verdict: the user may not see it. */
  readonly isHidden?: true;
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
export const hidden = (topic: string, seen: Seen<unknown>): Verdict => ({
  ...warning(topic, `is not known: ${seen.state === 'hidden' ? seen.why : 'it is not there'}`),
  ...(seen.state === 'hidden' && { isHidden: true }),
});

/** One line for all that the user may not see: it is no fault of the cluster, and not for this user to mend. */
export function gathered(verdicts: readonly Verdict[]): Verdict[] {
  const topics = verdicts.filter(({ isHidden }) => isHidden).map(({ topic }) => topic);
  if (topics.length === 0) return [...verdicts];
  return [
    ...verdicts.filter(({ isHidden }) => !isHidden),
    warning(
      'Not looked at',
      `${[...new Set(topics)].join(', ')}: you have no right to see them`,
      'who runs the cluster can: dormouse doctor',
    ),
  ];
}

const styles = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

/** Verdicts for people: a line each, and below it what to do. A command stays whole, so that it can be copied. */
export function verdictText(verdicts: readonly Verdict[], { paint, width }: Screen = plainScreen): string {
  const topicWidth = Math.max(...verdicts.map(({ topic }) => topic.length));
  const full = topicWidth + 11;
  // On a narrow terminal the topic is the beginning of the message.
  const isNarrow = width !== undefined && width - full < 60;
  const indent = isNarrow ? 9 : full;
  const lines = verdicts.flatMap(({ level, topic, message, advice = '' }) => {
    const text = isNarrow
      ? wrapped(`${topic}: ${message}`, width, indent)
      : topic.padEnd(topicWidth + 2) + wrapped(message, width, indent);
    const isCommand = /^(kubectl|dormouse) /.test(advice);
    return [
      `${paint(styles[level], level)}${' '.repeat(9 - level.length)}${text}`,
      ...(advice
        ? [`${' '.repeat(indent)}-> ${isCommand ? advice : wrapped(advice, width, indent + 3)}`]
        : []),
    ];
  });
  return `${lines.join('\n')}\n`;
}
