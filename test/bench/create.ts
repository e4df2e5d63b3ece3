import { kserveUser, kserveWorks } from '../kserve/manager.ts';
import { operatorUser } from '../support/install.ts';
import type { Bench, Scenario } from './bench.ts';
import { median } from './figures.ts';
import { fill, freshNamespace, servicesOf } from './fill.ts';
import { startOperator, works } from './operator.ts';
import type { Payload } from './payload.ts';
import { clusterSeconds, spent } from './processor.ts';
import type { Program } from './program.ts';
import { reportRequests, study } from './study.ts';

/** Seconds from the first request of the client. */
interface Times {
  /** Until all Knative Services exist. */
  readonly whole: number;
  /** Until the client was done. */
  readonly client: number;
  /** Milliseconds of a processor for each object until then and a while after, by program; the client's own left out. */
  readonly spent: ReadonlyMap<string, number>;
}

/**
 * How long it takes until `n` Knative Services exist: made by a plain client, and from as many objects that the same
 * client makes. The sides take turns, each round in another order; the last time, all else is measured too.
 */
export async function create(bench: Bench, scenario: Scenario): Promise<void> {
  const { n, rounds } = scenario;
  const runs = {
    plain: () => plain(bench, 'services', n),
    models: () => plain(bench, 'models', n),
    operator: (last: boolean) => operator(bench, scenario, last),
    ...(scenario.kserve && { kserve: (last: boolean) => kserve(bench, n, last) }),
  };
  const sides = bench.settings.only.includes('create') ? Object.keys(runs) : ['operator'];
  const times = new Map<string, Times[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const index of sides.keys()) {
      const side = sides[(index + round) % sides.length] as keyof typeof runs;
      const taken = await runs[side]?.(round === rounds - 1);
      if (!taken) continue;
      times.get(side)?.push(taken);
      bench.say(
        `  round ${round + 1}, ${side}: ${taken.whole.toFixed(2)} s, the client ${taken.client.toFixed(2)} s`,
      );
    }
  if (bench.settings.only.includes('create')) report(bench, n, times);
}

function report({ figures }: Bench, n: number, times: ReadonlyMap<string, readonly Times[]>): void {
  const of = (side: string, which: (times: Times) => number) => {
    const values = (times.get(side) ?? []).map(which);
    return { value: median(values), of: { least: Math.min(...values), most: Math.max(...values) } };
  };
  const whole = ({ whole }: Times): number => whole;
  const reference = of('plain', whole).value;
  figures.add({ n, what: 'plain client: all Services exist', unit: 's', ...of('plain', whole) });
  figures.add({ n, what: 'the same client: InferenceModels alone', unit: 's', ...of('models', whole) });
  figures.add({ n, what: 'operator: all Services exist', unit: 's', ...of('operator', whole) });
  const after = of('operator', ({ whole, client }) => whole - client);
  figures.add({ n, what: 'operator: after the last model was created', unit: 's', ...after });
  const ratio = of('operator', whole).value / reference;
  figures.add({ n, what: 'operator to plain client', value: ratio, unit: 'x', target: 1.5 });
  for (const [side, all] of times) {
    const [last] = all.slice(-1);
    if (last) figures.add({ n, what: `${side}: processor time`, unit: 'ms each', ...sum(last.spent) });
  }
  if (!times.has('kserve')) return;
  figures.add({ n, what: 'KServe 0.16: all Services exist', unit: 's', ...of('kserve', whole) });
  const other = of('kserve', whole).value / reference;
  figures.add({ n, what: 'KServe 0.16 to plain client', value: other, unit: 'x' });
}

function sum(parts: ReadonlyMap<string, number>): { value: number; of: Record<string, number> } {
  return { value: [...parts.values()].reduce((a, b) => a + b, 0), of: Object.fromEntries(parts) };
}

/** Creates all objects, waits for `done`, and for what comes after it; `program` is what makes Services of them. */
async function timed(
  bench: Bench,
  payload: Payload,
  { namespace, n, program }: { namespace: string; n: number; program?: Program },
  done: () => Promise<number>,
): Promise<Times> {
  const used = async () => {
    const seconds = await clusterSeconds(bench.cluster);
    return program ? seconds.set('itself', await program.seconds()) : seconds;
  };
  const before = await used();
  const { from, to } = await fill(bench, payload, namespace, n);
  const at = await done();
  await program?.idle(bench.signal);
  return { whole: (at - from) / 1000, client: (to - from) / 1000, spent: spent(before, await used(), n) };
}

async function plain(bench: Bench, payload: Payload, n: number): Promise<Times> {
  await using namespace = await freshNamespace(bench);
  await using services = await servicesOf(bench, namespace.name);
  const done = async () => (payload === 'services' ? services.has(n) : performance.now());
  return await timed(bench, payload, { namespace: namespace.name, n }, done);
}

async function operator(bench: Bench, scenario: Scenario, last: boolean): Promise<Times> {
  const { n } = scenario;
  await using namespace = await freshNamespace(bench);
  await using services = await servicesOf(bench, namespace.name);
  await using program = await startOperator(bench.pod, bench.settings);
  await program.says(works, bench.signal);
  await program.idle(bench.signal);
  const before = await bench.requests.of(operatorUser);
  const made = { namespace: namespace.name, n, program };
  const times = await timed(bench, 'models', made, () => services.has(n));
  if (last) await study(bench, scenario, { namespace: namespace.name, services, program, before });
  return times;
}

async function kserve(bench: Bench, n: number, last: boolean): Promise<Times> {
  const { start } = await bench.kserve();
  // Declared first, it is there until the namespace is gone: it has finalizers on what is in it.
  await using program = await start();
  await program.says(kserveWorks, bench.signal);
  await program.idle(bench.signal);
  await using namespace = await freshNamespace(bench);
  await using services = await servicesOf(bench, namespace.name);
  const before = await bench.requests.of(kserveUser);
  const made = { namespace: namespace.name, n, program };
  const times = await timed(bench, 'kserve', made, () => services.has(n));
  if (last) {
    const counts = await bench.requests.settled(kserveUser, bench.signal, 10);
    reportRequests(bench, n, 'KServe 0.16', before, counts);
    const { now, peak } = await program.memory();
    const mb = { value: now / 1e6, unit: 'MB', of: { peak: peak / 1e6 } } as const;
    bench.figures.add({ n, what: 'KServe 0.16: memory', ...mb });
  }
  return times;
}
