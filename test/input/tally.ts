import { faultsOf, normalised } from './sentences.ts';

/** How far a model got. */
export const stages = [
  'refused by the API server',
  'refused by the operator',
  'accepted',
  'undecided',
] as const;
export type Stage = (typeof stages)[number];

interface Counted {
  readonly stage: Stage;
  readonly example: string;
  count: number;
}

/** How many models got how far, and in which words they were told why. */
export class Tally {
  readonly #kinds = new Map<string, Record<Stage, number>>();
  readonly #sentences = new Map<string, Counted>();
  /** What must not be: each with what shows it. */
  readonly failures: string[] = [];

  got(kind: string, stage: Stage): void {
    const row = this.#kinds.get(kind) ?? { ...nothing };
    row[stage] += 1;
    this.#kinds.set(kind, row);
  }

  said(stage: Stage, sentence: string): void {
    for (const fault of faultsOf(sentence)) this.fail(`${stage}, in a sentence that ${fault}: ${sentence}`);
    const key = `${stage}: ${normalised(sentence)}`;
    const known = this.#sentences.get(key) ?? { stage, example: sentence, count: 0 };
    known.count += 1;
    this.#sentences.set(key, known);
  }

  fail(what: string): void {
    this.failures.push(what.slice(0, 2000));
  }

  /** By what was odd about the models, and in all. */
  table(): Record<string, Record<Stage, number>> {
    const all = { ...nothing };
    for (const row of this.#kinds.values()) for (const stage of stages) all[stage] += row[stage];
    return { ...Object.fromEntries([...this.#kinds].sort()), all };
  }

  /** Each distinct sentence with how often it was said, the most frequent first. */
  sentences(): { readonly sentence: string; readonly example: string; readonly count: number }[] {
    return [...this.#sentences]
      .map(([sentence, { example, count }]) => ({ sentence, example, count }))
      .sort((left, right) => right.count - left.count);
  }
}

const nothing = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
