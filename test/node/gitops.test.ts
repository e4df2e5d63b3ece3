import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { conditionOf, type KnativeServiceObject, serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { echoImage } from '../cluster/cluster.ts';
import { course, failed, good, underWay } from '../gitops/verdicts.ts';
import { type Way, ways } from '../gitops/ways.ts';
import { adminClient } from '../support/cluster.ts';
import { ask } from '../support/inference.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { asleep, ingress } from '../support/node.ts';
import { renderedWith } from '../support/rendered.ts';
import { versionsOf } from '../support/versions.ts';

const [flux] = ways as [Way];
const echo = (fail?: string): InferenceModelSpecInput => ({
  container: {
    image: echoImage,
    readiness: { http: { path: '/' } },
    ...(fail && { env: [{ name: 'FAIL', value: fail }] }),
  },
  timeouts: { progress: '15s' },
  access: { visibility: 'Public' },
});

describe('what Flux and Argo CD say, from the first to the last version', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  it('of a model that comes up, sleeps, wakes, fails and recovers', async () => {
    await using ns = await namespace(client);
    const key = { namespace: ns.name, name: 'echo' };
    await using told = await versionsOf<Model>(client, modelResource, key);
    const apply = (spec: InferenceModelSpecInput) => flux.apply([manifest(spec, key) as KubernetesObject]);
    const until = (generation: number, type: 'Ready' | 'Stalled') =>
      told.until(
        (model) =>
          model.status?.observedGeneration === generation && conditionOf(model, type)?.status === 'True',
      );

    await apply(echo());
    await until(1, 'Ready');
    await asleep(client, ns.name);
    await told.until(({ status }) => status?.state === 'Asleep');
    await ask(ingress(), told.seen().at(-1)?.status?.url ?? '', '/');
    await told.until(({ status }) => status?.state === 'Awake');
    expect(await course(told.seen())).toEqual([underWay, good]);

    await apply(echo('no model'));
    await until(2, 'Stalled');
    await apply(echo());
    await until(3, 'Ready');
    expect(await course(told.seen())).toEqual([underWay, good, underWay, failed, underWay, good]);
  });

  it('of a rendered Service, with what docs/flux.md tells Flux and without it', async () => {
    await using ns = await namespace(client);
    const key = { namespace: ns.name, name: 'echo' };
    await using told = await versionsOf<KnativeServiceObject>(client, serviceResource, key);
    const apply = async (spec: InferenceModelSpecInput) => {
      const { services } = await renderedWith({}, JSON.stringify(manifest(spec, key)));
      await flux.apply(services as KubernetesObject[]);
    };
    const until = (generation: number, ready: 'True' | 'False') =>
      told.until(
        (service) =>
          service.status?.observedGeneration === generation &&
          conditionOf(service, 'Ready')?.status === ready,
      );

    await apply(echo());
    await until(1, 'True');
    await asleep(client, ns.name);
    expect(await course(told.seen())).toEqual(['Current Progressing', underWay, good]);
    await apply(echo('no model'));
    await until(2, 'False');
    const ofFailure = ['InProgress Healthy', underWay, 'InProgress Degraded'];
    expect(await course(told.seen())).toEqual(['Current Progressing', underWay, good, ...ofFailure]);

    await using written = await exampleOf('flux.md', 'healthCheckExprs');
    expect(await course(told.seen(), written.file)).toEqual([
      ...['Unknown Progressing', underWay, good],
      ...['InProgress Healthy', underWay, failed],
    ]);
  });
});

/** The YAML of a page of docs/ that has a word, in a file. */
async function exampleOf(page: string, word: string): Promise<{ readonly file: string } & AsyncDisposable> {
  const text = await readFile(join(import.meta.dirname, '../../docs', page), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-docs-'));
  const file = join(folder, 'example.yaml');
  await writeFile(file, blocks.find((yaml) => yaml.includes(word)) ?? '');
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
