import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Cluster, down, up } from '../cluster/cluster.ts';
import { manifests } from '../support/install.ts';
import { runKubectl } from '../support/kubectl.ts';
import { type Fault, faults } from './faults.ts';
import { openRig } from './rig.ts';
import { runRounds, type Tally } from './run.ts';

const name = 'faults';

interface Flags {
  readonly rounds: number;
  readonly seed: number;
  readonly models: number;
  readonly operations: number;
  readonly operators?: number;
  readonly only?: string[];
  readonly slow: boolean;
}

const program = new Command('test:faults')
  .description(
    'Harms the operator and what it depends on, and checks after each round that all is as it was asked for.',
  )
  .option('--rounds <number>', 'rounds to run', whole, 200)
  .option('--seed <number>', 'what all chance follows from', whole, Math.floor(Math.random() * 2 ** 31))
  .option('--models <number>', 'most models there are at once', whole, 30)
  .option('--operations <number>', 'operations of a round', whole, 18)
  .option(
    '--operators <number>',
    'operators at once: 1, or 2 that fight for the Lease; by default one after the other',
    whole,
  )
  .option('--only <fault...>', `of the faults, these alone: ${Object.keys(faults).join(', ')}`)
  .option('--no-slow', 'without the faults that take a minute and more');

await program.parseAsync();
const flags = program.opts<Flags>();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}.`)));
process.exitCode = await main(flags, interrupted.signal);

async function main(flags: Flags, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const say = (line: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(7);
    console.log(`[${seconds} s] ${line}`);
  };
  const phases = [1, 2].filter((operators) => (flags.operators ?? operators) === operators);
  const weights = phases.map((operators) => sumOf(chosenOf(flags, operators), ({ weight }) => weight));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) throw new Error('none of the faults is of that name');
  const scratch = await mkdtemp(join(tmpdir(), 'dormouse-faults-'));
  let failed = false;
  try {
    const cluster = await up({ name, size: 'control-plane', fresh: true, signal });
    for (const file of ['crds.yaml', 'install.yaml', 'runtimes.yaml'])
      await runKubectl(cluster, ['apply', '-f', join(manifests, file)]);
    say(`cluster "${name}" is up; seed ${flags.seed}; logs of the operators in ${scratch}`);
    for (const [index, operators] of phases.entries()) {
      const rounds = Math.round((flags.rounds * (weights[index] ?? 0)) / whole);
      if (rounds > 0) await phase({ flags, operators, rounds, cluster, scratch, say, signal });
    }
    say('no failure');
  } catch (error) {
    failed = true;
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  } finally {
    await down({ name, fresh: true });
  }
  if (!failed) await rm(scratch, { recursive: true });
  else console.error(`The logs of the operators are in ${scratch}.`);
  return failed ? 1 : 0;
}

interface Phase {
  readonly flags: Flags;
  readonly operators: number;
  readonly rounds: number;
  readonly cluster: Cluster;
  readonly scratch: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** All rounds with so many operators. */
async function phase({ flags, operators, rounds, cluster, scratch, say, signal }: Phase): Promise<void> {
  const namespaces = ['a', 'b', 'c'].map((letter) => `faults-${operators}${letter}`);
  for (const namespace of namespaces) await runKubectl(cluster, ['create', 'namespace', namespace]);
  await using rig = await openRig({ cluster, scratch, namespaces, operators });
  const { seed, models: slots, operations } = flags;
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const running = runRounds(rig, {
    rounds,
    seed,
    slots,
    operations,
    faults: chosenOf(flags, operators),
    say,
    signal,
  });
  const tallies = await Promise.race([running, stopped]);
  say(`operators at once: ${operators}`);
  table(tallies, say);
  say(`${rig.sightings.size} Services watched from first to last`);
}

function chosenOf({ only, slow }: Flags, operators: number): Readonly<Record<string, Fault>> {
  return Object.fromEntries(
    Object.entries(faults).filter(
      ([each, fault]) =>
        (only?.includes(each) ?? (slow || !fault.slow)) && (fault.operators ?? 1) === operators,
    ),
  );
}

function sumOf(chosen: Readonly<Record<string, Fault>>, of: (fault: Fault) => number): number {
  return Object.values(chosen).reduce((sum, fault) => sum + of(fault), 0);
}

function table(tallies: ReadonlyMap<string, Tally>, say: (line: string) => void): void {
  const columns = ['rounds', 'seconds', 'operations', 'requests', 'harmed', 'starts'] as const;
  const row = (first: string, cells: readonly (string | number)[]): void =>
    say([first.padEnd(24), ...cells.map((cell) => String(cell).padStart(10))].join(' '));
  row('fault', columns);
  const sums = columns.map((column) => [...tallies.values()].reduce((sum, tally) => sum + tally[column], 0));
  for (const [fault, tally] of [...tallies].sort(([left], [right]) => (left < right ? -1 : 1)))
    row(
      fault,
      columns.map((column) => Math.round(tally[column])),
    );
  row('all', sums.map(Math.round));
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('Not a whole number.');
  return number;
}
