import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource, runtimeResource } from '#operator/resources.ts';
import { operatorWrites } from '../support/audit.ts';
import { adminClient } from '../support/cluster.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

/** What the next release would synthesize otherwise: here, how often it asks a server whether it is ready. */
const release = vi.hoisted(() => ({ periodSeconds: 1 }));
vi.mock('#synth/pod/probes.ts', async (original) => {
  const synthesis = await original<typeof import('#synth/pod/probes.ts')>();
  const makeReadinessProbe: typeof synthesis.makeReadinessProbe = (...of) => ({
    ...synthesis.makeReadinessProbe(...of),
    ...release,
  });
  return { ...synthesis, makeReadinessProbe };
});

const user = { fieldManager: 'user' };
const runtime = `upgraded-${Date.now().toString(36)}`;

/** Servers of their own and models of a runtime, in turns. */
const specs = Array.from(
  { length: 50 },
  (_, index): InferenceModelSpecInput =>
    index % 2 === 0
      ? { container: { image: `dev.local/iris:${index}`, protocol: 'v2' }, scale: { maxReplicas: 1 + index } }
      : { model: { format: runtime, uri: `s3://models/${index}` } },
);
const names = specs.map((_, index) => `m-${index}`);

/** What must not change: of each revision its uid and generation, of each Service what the operator wrote. */
interface Picture {
  readonly revisions: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, string>>;
  readonly writes: readonly string[];
}

// The audit log says what was written.
describe.skipIf(process.env.KUBECONFIG)('50 models that run', () => {
  const stack = new AsyncDisposableStack();
  let client: RestClient;
  let home: string;
  let operator: AsyncDisposable;
  let before: Picture;

  beforeAll(async () => {
    client = await adminClient();
    home = stack.use(await namespace(client)).name;
    await install('1', 'dev.local/server:1');
    stack.defer(() => client.delete(runtimeResource, { name: runtime }));
    stack.defer(() => operator[Symbol.asyncDispose]());
    operator = await runOperator();
    for (const [index, spec] of specs.entries()) await apply(names[index] ?? '', spec);
    for (const name of names) await settled(name);
    before = await picture();
    expect(Object.keys(before.revisions)).toHaveLength(50);
  });
  afterAll(() => stack.disposeAsync());

  const apply = (name: string, spec: InferenceModelSpecInput) =>
    client.apply<Model>(modelResource, manifest(spec, { name, namespace: home }) as KubernetesObject, user);

  const install = (version: string, image: string) => {
    const container = { image, command: ['serve', '$(MODEL_DIR)'] };
    const object = {
      apiVersion: 'dormouse.dev/v1alpha1',
      kind: 'InferenceRuntime',
      metadata: { name: runtime },
      spec: { version, maturity: 'Experimental', formats: [{ name: runtime }], container },
    };
    return client.apply(runtimeResource, object as KubernetesObject, user);
  };

  /** Waits until a model has its revision and a status that tells of it. */
  async function settled(name: string): Promise<string> {
    const of = { namespace: home, name };
    const found = await waitFor<Model>(
      client,
      modelResource,
      of,
      (model) => model?.status?.url !== undefined,
    );
    const revision = found?.status?.revisions?.[0]?.name ?? '';
    await waitFor<RevisionObject>(client, revisionResource, { ...of, name: revision }, (each) => !!each);
    return revision;
  }

  async function picture(): Promise<Picture> {
    const [revisions, services] = await Promise.all([
      client.list<RevisionObject>(revisionResource, { namespace: home }),
      client.list<KnativeServiceObject>(serviceResource, { namespace: home }),
    ]);
    const told = ({ items }: { items: readonly KubernetesObject[] }) =>
      Object.fromEntries(
        items
          .filter(({ metadata }) => names.includes(metadata.labels?.['dormouse.dev/model'] ?? ''))
          .map(({ metadata: { name, uid, generation } }) => [name, `${uid} ${generation}`]),
      );
    const writes = await operatorWrites(home, 'm-');
    return {
      revisions: told(revisions),
      services: told(services),
      writes: writes.filter((write) => !write.endsWith('inferencemodels/status')),
    };
  }

  let probes = 0;
  /**
   * Makes new models until one is as the change makes it, and then one more: the operator knows the change by then, and
   * whatever was in the queue before that model is done.
   */
  async function known(spec: InferenceModelSpecInput, changed: (template: string) => boolean): Promise<void> {
    for (let last = false; ; ) {
      probes += 1;
      const name = `probe-${probes}`;
      await apply(name, spec);
      const service = await waitFor<KnativeServiceObject>(
        client,
        serviceResource,
        { namespace: home, name },
        (found) => found !== undefined,
      );
      if (last) return void (await settled(name));
      last = changed(JSON.stringify(service?.spec?.template));
    }
  }

  async function upgrade(options: Parameters<typeof runOperator>[0] = {}): Promise<void> {
    await operator[Symbol.asyncDispose]();
    operator = await runOperator(options);
  }

  const own: InferenceModelSpecInput = { container: { image: 'dev.local/probe:1' } };
  const fetched: InferenceModelSpecInput = { model: { format: runtime, uri: 's3://models/probe' } };

  it.each<[string, () => Promise<unknown>, InferenceModelSpecInput, string]>([
    [
      'a new version of the operator with another synthesis',
      () => {
        release.periodSeconds = 7;
        return upgrade();
      },
      own,
      '"periodSeconds":7',
    ],
    [
      'a new version of the operator with another fetcher',
      () => upgrade({ fetcherImage: 'dev.local/dormouse:next' }),
      fetched,
      'dev.local/dormouse:next',
    ],
    [
      'another version of their runtime',
      () => install('2', 'dev.local/server:2'),
      fetched,
      'dev.local/server:2',
    ],
    [
      'other defaults of the cluster',
      async () => {
        stack.use(
          await configured(client, 'config-defaults', {
            'revision-timeout-seconds': '240',
            'revision-cpu-request': '250m',
            'container-concurrency': '3',
          }),
        );
      },
      own,
      '"timeoutSeconds":240',
    ],
    [
      'a feature that is turned on',
      async () => {
        stack.use(
          await configured(client, 'config-features', { 'kubernetes.podspec-init-containers': 'enabled' }),
        );
      },
      fetched,
      '"initContainers"',
    ],
  ])('stay as they are under %s', async (_, change, spec, sign) => {
    await change();
    await known(spec, (template) => template.includes(sign));
    expect(await picture()).toEqual(before);
  });

  it.each([
    ['m-0', ['"periodSeconds":7', '"timeoutSeconds":240', '"cpu":"250m"']],
    ['m-1', ['dev.local/dormouse:next', 'dev.local/server:2', '"initContainers"']],
  ])('take all that over when one of them is told to, and it alone: %s', async (name, signs) => {
    const old = await picture();
    const annotations = { 'dormouse.dev/refresh': '1' };
    await client.patch(modelResource, { namespace: home, name }, { metadata: { annotations } }, user);
    const service = await waitFor<KnativeServiceObject>(
      client,
      serviceResource,
      { namespace: home, name },
      (found) => found?.metadata.generation === 2 && found.status?.observedGeneration === 2,
    );
    const template = JSON.stringify(service?.spec?.template);
    for (const sign of signs) expect(template).toContain(sign);
    await known(own, () => true);
    const { revisions, services, writes } = await picture();
    const added = Object.keys(revisions).filter((each) => !(each in old.revisions));
    expect(added).toEqual([service?.spec?.template?.metadata?.name]);
    expect(revisions).toMatchObject(old.revisions);
    expect({ ...services, [name]: '' }).toEqual({ ...old.services, [name]: '' });
    expect(writes).toEqual([...old.writes, 'patch services']);
  });
});
