import type { Fault } from './faults.ts';
import { planOf } from './plan.ts';
import type { Rig } from './rig.ts';
import { runRound } from './round.ts';

export interface RunOptions {
  /** Each round has a seed of its own: this one, and then one more. */
  readonly seed: number;
  readonly rounds: number;
  readonly slots: number;
  readonly operations: number;
  /** By their names. */
  readonly faults: Readonly<Record<string, Fault>>;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface Tally {
  rounds: number;
  seconds: number;
  operations: number;
  requests: number;
  harmed: number;
  starts: number;
}

/**
 * Runs rounds, each fault in its turn before any comes again, and gives a tally of each fault.
 *
 * @throws Violation, after it has said how to run that round again
 */
export async function runRounds(rig: Rig, options: RunOptions): Promise<ReadonlyMap<string, Tally>> {
  const { seed, rounds, slots, operations, faults, say, signal } = options;
  const tallies = new Map<string, Tally>();
  for (let round = 0; round < rounds && !signal?.aborted; round += 1) {
    const plan = planOf(seed + round, { slots, operations });
    const name = choose(faults, plan.random());
    const before = numbers(rig);
    const started = performance.now();
    try {
      await runRound(rig, faults[name] as Fault, plan, say);
    } catch (error) {
      if (signal?.aborted) break;
      say(`round ${round + 1} failed: ${name}, seed ${seed + round}; what it did:`);
      for (const operation of plan.operations) say(`  ${JSON.stringify(operation)}`);
      // What ran this may show nothing but the message.
      if (error instanceof Error) error.message = `seed ${seed + round}: ${error.message}`;
      throw error;
    }
    const seconds = (performance.now() - started) / 1000;
    const after = numbers(rig);
    const tally = tallies.get(name) ?? { rounds: 0, seconds: 0, ...zero };
    tally.rounds += 1;
    tally.seconds += seconds;
    for (const key of Object.keys(zero) as (keyof typeof zero)[]) tally[key] += after[key] - before[key];
    tallies.set(name, tally);
    const harmed = after.harmed - before.harmed;
    say(`round ${round + 1}: ${name}, ${seconds.toFixed(1)} s, ${harmed} requests harmed`);
  }
  return tallies;
}

const zero = { operations: 0, requests: 0, harmed: 0, starts: 0 };

function numbers({ churn, seats }: Rig): typeof zero {
  const sum = (of: (seat: Rig['seats'][0]) => number) => seats.reduce((total, seat) => total + of(seat), 0);
  return {
    operations: churn.count,
    requests: sum(({ proxy }) => proxy.requests),
    harmed: sum(({ proxy }) => proxy.harmed),
    starts: sum(({ starts }) => starts),
  };
}

function choose(faults: Readonly<Record<string, Fault>>, chance: number): string {
  const names = Object.entries(faults).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));
  return names[Math.floor(chance * names.length)] ?? '';
}
