import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '#catalogue/catalogue.ts';
import { convert } from '#import/convert.ts';
import { serviceResource } from '#knative/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { parseObjects } from '../cluster/knative/manifests.ts';
import { until } from '../cluster/wait.ts';
import { adminClient, cluster, kubectl } from '../support/cluster.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';
import { differences, evened } from './differences.ts';
import { type Essence, essenceOf, type Service } from './essence.ts';
import { type KserveObject, kserveExamples, kserveFolder } from './examples.ts';
import { installKserve, kserveWorks } from './manager.ts';
import { pairsOf } from './pairs.ts';

// Longer than it takes to build KServe's manager.
const patience = 1_800_000;

// Needs a cluster in whose network KServe's manager can be started.
describe.skipIf(process.env.KUBECONFIG)("KServe's manager and ours, side by side", () => {
  const stack = new AsyncDisposableStack();
  /** What the objects become as KServe gives them back, and as they stand in files. */
  const specs: { readonly live: unknown[]; readonly written: unknown[] } = { live: [], written: [] };
  const pairs: { readonly where: string; readonly ours: Essence; readonly theirs: Essence }[] = [];

  beforeAll(async () => {
    const client = await adminClient();
    const scratch = await mkdtemp(join(tmpdir(), 'dormouse-kserve-'));
    stack.defer(() => rm(scratch, { recursive: true }));
    await run(client, scratch);
  }, patience);

  afterAll(() => stack.disposeAsync());

  /** Gives every example to both, and waits for what they make of it. */
  async function run(client: RestClient, scratch: string): Promise<void> {
    const stop = new AbortController();
    stack.defer(() => stop.abort());
    // What the pods of some examples need.
    const features = ['init-containers', 'nodeselector'].map((name) => [
      `kubernetes.podspec-${name}`,
      'enabled',
    ]);
    stack.use(await configured(client, 'config-features', Object.fromEntries(features)));
    const { name: home } = stack.use(await namespace(client, 'privileged'));
    const kserve = await installKserve(cluster() as Cluster, scratch, console.log, stop.signal);
    const manager = stack.use(await kserve.start());
    await manager.says(kserveWorks, stop.signal);
    stack.use(await runOperator());

    const folder = await kserveFolder();
    const examples = await kserveExamples(folder);
    // With their images, which stand apart.
    const runtimes = parseObjects(await kubectl(['kustomize', join(folder, 'config/runtimes')]));
    await until("KServe's webhooks to answer", () => apply(runtimes).then(Boolean, () => false), stop);
    const { services, converted } = pairsOf(examples, runtimes, home);
    await apply(converted);
    await kubectl(['create', '-f', '-'], listOf(services.map(({ value }) => value)));
    for (const { where, value } of services) {
      const made = (name: string) =>
        waitFor<Service>(client, serviceResource, { namespace: home, name }, Boolean);
      const [ours, theirs] = [
        await made(value.metadata.name),
        await made(`${value.metadata.name}-predictor`),
      ];
      if (ours && theirs) pairs.push({ where, ours: essenceOf(ours), theirs: essenceOf(theirs) });
    }
    const live = await kubectl(['get', 'inferenceservices', `--namespace=${home}`, '--output=json']);
    for (const [key, items] of [
      ['live', JSON.parse(live).items],
      ['written', services.map(({ value }) => value)],
    ] as const)
      specs[key].push(...modelsOf(items, runtimes));
  }

  it('make Knative Services that agree, but for the differences that docs/import.md explains', () => {
    expect(pairs.length).toBeGreaterThan(110);
    const byPlace = (side: 'ours' | 'theirs') =>
      pairs.map((pair) => ({ where: pair.where, ...evened(pair[side]) }));
    expect(byPlace('ours')).toEqual(byPlace('theirs'));
  });

  it('an object that KServe has completed becomes what it would have become before', () => {
    expect(specs.live).toEqual(specs.written);
  });

  it.each(differences)('differ in this, too: $words', (difference) => {
    const others = differences.filter((other) => other !== difference);
    const agree = pairs.every(({ ours, theirs }) => {
      const [left, right] = [evened(ours, others), evened(theirs, others)];
      return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
    });
    expect(agree).toBe(false);
  });
});

const listOf = (items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const apply = (items: readonly object[]) => kubectl(['apply', '--server-side', '-f', '-'], listOf(items));

/** What becomes of InferenceServices, by their names. */
const modelsOf = (services: readonly KserveObject[], runtimes: readonly object[]) =>
  convert(
    [
      ...runtimes,
      ...services.toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1)),
    ].map((value) => ({ where: 'it', value })),
    catalogue(),
  )
    .slice(runtimes.length)
    .map(({ name, objects }) => [name, objects.map((object) => (object as KserveObject).spec)]);

/** With its keys in order, however deep. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, item]) => [key, sorted(item)]),
  );
}
