import { setTimeout as delay } from 'node:timers/promises';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { operatorUser } from '../support/install.ts';
import type { Bench, Scenario } from './bench.ts';
import type { Collection } from './collection.ts';
import { failover } from './failover.ts';
import { median, quantile } from './figures.ts';
import { imageOf, user } from './fill.ts';
import { inSync, startList, startOperator } from './operator.ts';
import { inferenceModel, spec } from './payload.ts';
import type { Program } from './program.ts';
import { type Counts, reads, since, total, writes } from './requests.ts';

/** An operator that has just made the Services of `n` models. */
interface Live {
  readonly namespace: string;
  readonly services: Collection<KnativeServiceObject>;
  readonly program: Program;
  /** What it had asked for before the first model. */
  readonly before: Counts;
}

/** All that is measured while the models are there. */
export async function study(bench: Bench, scenario: Scenario, live: Live): Promise<void> {
  const { settings, requests, figures, signal } = bench;
  const { program } = live;
  const { n } = scenario;
  const counts = await requests.settled(operatorUser, signal, scenario.knative === 'all' ? 10 : 3);
  if (settings.only.includes('requests')) {
    reportRequests(bench, n, 'operator', live.before, counts);
  }
  if (settings.only.includes('rest') && scenario.rest) {
    bench.say(`  the operator at rest for ${settings.rest} s`);
    await delay(settings.rest * 1000, undefined, { signal });
    const during = since(counts, await requests.of(operatorUser));
    const what = `operator: requests at rest, ${settings.rest} s`;
    const of = Object.fromEntries(during);
    figures.add({ n, what, value: total(during), unit: 'requests', target: 0, of });
  }
  if (settings.only.includes('memory')) await reportMemory(bench, n, 'operator: memory', program);
  // Without pods Knative itself never comes to rest.
  const steady = scenario.knative === 'webhook';
  if (settings.only.includes('latency') && steady) await latency(bench, n, live);
  await program[Symbol.asyncDispose]();
  if (settings.only.includes('restart') && steady) await restart(bench, n);
  if (settings.only.includes('failover') && steady) await failover(bench, n, live);
}

export function reportRequests({ figures }: Bench, n: number, who: string, before: Counts, after: Counts) {
  const made = since(before, after);
  const each = (counts: Counts) => ({
    value: total(counts) / n,
    unit: 'a model' as const,
    of: Object.fromEntries([...counts].map(([what, count]) => [what, count / n])),
  });
  const ours = who === 'operator';
  figures.add({ n, what: `${who}: reads`, ...each(reads(made)), ...(ours && { target: 0 }) });
  figures.add({ n, what: `${who}: writes`, ...each(writes(made)), ...(ours && { target: 4 }) });
}

async function reportMemory({ figures }: Bench, n: number, what: string, program: Program): Promise<void> {
  const { now, peak } = await program.memory();
  figures.add({ n, what, value: now / 1e6, unit: 'MB', target: 200, of: { peak: peak / 1e6 } });
}

/** From the request of the client to the event that tells of the Service, one model after the other. */
async function latency({ client, settings, figures }: Bench, n: number, { namespace, services }: Live) {
  const fresh: number[] = [];
  const changed: number[] = [];
  for (let index = n; index < n + settings.changes; index += 1) {
    const object = inferenceModel(namespace, index);
    const { name } = object.metadata;
    const created = performance.now();
    await client.create(modelResource, object, user);
    fresh.push((await services.shows(`${namespace}/${name}`)) - created);
    const image = `${spec.container?.image}-changed`;
    const patched = performance.now();
    await client.patch(modelResource, { namespace, name }, { spec: { container: { image } } }, user);
    changed.push(
      (await services.shows(`${namespace}/${name}`, (found) => imageOf(found) === image)) - patched,
    );
  }
  for (const [what, times] of [
    ['a new model to its Service', fresh],
    ['a change to its Service', changed],
  ] as const) {
    figures.add({ n, what: `${what}, median`, value: median(times), unit: 'ms' });
    figures.add({ n, what: `${what}, p99`, value: quantile(times, 0.99), unit: 'ms', target: 50 });
  }
}

/** An operator that starts where all is as it should be, beside a program that only lists the same. */
async function restart({ pod, requests, figures, settings, signal, ...bench }: Bench, n: number) {
  const list: number[] = [];
  const sync: number[] = [];
  const done: number[] = [];
  let written = 0;
  for (let round = 0; round < 3; round += 1) {
    await using plain = await startList(pod);
    list.push((await plain.end()) - plain.started);
    const before = await requests.settled(operatorUser, signal, 1);
    await using program = await startOperator(pod, settings);
    await program.says(inSync, signal);
    sync.push(performance.now() - program.started);
    done.push((await program.idle(signal)) - program.started);
    written += total(writes(since(before, await requests.settled(operatorUser, signal))));
    if (round === 2)
      await reportMemory(
        { ...bench, pod, requests, figures, settings, signal },
        n,
        'operator: memory after a restart',
        program,
      );
  }
  figures.add({
    n,
    what: 'a paged list by the same client, from its start',
    value: median(list) / 1000,
    unit: 's',
  });
  figures.add({ n, what: 'restart: caches in sync', value: median(sync) / 1000, unit: 's' });
  figures.add({ n, what: 'restart: all models looked at', value: median(done) / 1000, unit: 's' });
  figures.add({ n, what: 'restart to list', value: median(sync) / median(list), unit: 'x', target: 2 });
  figures.add({ n, what: 'restart: writes', value: written, unit: 'requests', target: 0 });
}
