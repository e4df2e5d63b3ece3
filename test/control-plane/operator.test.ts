import { beforeAll, describe, expect, it } from 'vitest';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { serviceWrites } from '#decision/service.ts';
import type { KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import { isPrecondition, messageOf } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';
import { synthesize } from '#synth/synthesize.ts';
import { operatorWrites } from '../support/audit.ts';
import { adminClient } from '../support/cluster.ts';
import { environment } from '../support/environment.ts';
import { type Model, manifest, model } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { denying } from '../support/policy.ts';
import { configured } from '../support/settings.ts';
import { waitFor } from '../support/wait.ts';

const user = { fieldManager: 'user' };
const small: InferenceModelSpecInput = { container: { image: 'dev.local/iris:1' } };

describe('the operator', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  const apply = (namespace: string, spec: InferenceModelSpecInput, name = 'iris') =>
    client.apply<Model>(modelResource, manifest(spec, { name, namespace }) as KubernetesObject, user);

  const service = (
    namespace: string,
    check: (found: KnativeServiceObject | undefined) => boolean,
    name = 'iris',
  ) => waitFor<KnativeServiceObject>(client, serviceResource, { namespace, name }, check);

  const condition = (namespace: string, type: string, check: (message: string, status: string) => boolean) =>
    waitFor<Model>(client, modelResource, { namespace, name: 'iris' }, (found) =>
      (found?.status?.conditions ?? []).some(
        (each) => each.type === type && check(each.message, each.status),
      ),
    );

  /** Sends what would be decided for a model beside this live Service. */
  async function write(of: InferenceModel, live: KnativeServiceObject | undefined): Promise<void> {
    for (const { manifest, exists } of serviceWrites(of, synthesize(of, environment()), live))
      await client.apply(serviceResource, manifest, { fieldManager: 'dormouse', force: exists });
  }

  const image = (found: KnativeServiceObject | undefined) =>
    (found?.spec?.template?.spec as { containers?: { image: string }[] } | undefined)?.containers?.[0]?.image;

  it('makes a Knative Service of a model, follows its changes, and leaves nothing of it behind', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    const { metadata } = await apply(ns.name, small);
    const made = await service(ns.name, (found) => found !== undefined);
    expect(made?.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid, controller: true }]);

    await apply(ns.name, { container: { image: 'dev.local/iris:2' } });
    await service(ns.name, (found) => image(found) === 'dev.local/iris:2');

    await client.delete(modelResource, { namespace: ns.name, name: 'iris' });
    await service(ns.name, (found) => found === undefined);
  });

  it('says how far it is', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    const { metadata } = await apply(ns.name, small);
    const found = await condition(ns.name, 'Accepted', (__, status) => status === 'True');
    expect(found?.status).toMatchObject({
      observedGeneration: metadata.generation,
      state: 'Starting',
      replicas: 0,
    });
  });

  it('puts back what somebody changed of ours, and leaves what they added', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, small);
    const made = await service(ns.name, (found) => found !== undefined);
    const ours = made?.metadata.labels?.['networking.knative.dev/visibility'];
    expect(ours).toBe('cluster-local');
    const labels = { 'networking.knative.dev/visibility': null, team: 'botany' };
    await client.patch(serviceResource, { namespace: ns.name, name: 'iris' }, { metadata: { labels } }, user);
    const repaired = await service(
      ns.name,
      (found) =>
        found?.metadata.labels?.['networking.knative.dev/visibility'] === ours &&
        !!found?.metadata.labels?.team,
    );
    expect(repaired?.metadata.labels?.team).toBe('botany');
  });

  it('puts back a template that somebody changed and left without a name', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, small);
    const made = await service(ns.name, (found) => found !== undefined);
    const { metadata, spec } = made?.spec?.template ?? {};
    const [container] = (spec?.containers ?? []) as object[];
    const template = {
      metadata: { name: null },
      spec: { containers: [{ ...container, image: 'dev.local/other:1' }] },
    };
    const traffic = [{ latestRevision: true, percent: 100 }];
    const changed = await client.patch<KnativeServiceObject>(
      serviceResource,
      { namespace: ns.name, name: 'iris' },
      { spec: { template, traffic } },
      user,
    );
    expect(changed.spec?.template?.metadata?.name).toBeUndefined();
    const repaired = await service(ns.name, (found) => image(found) === 'dev.local/iris:1');
    expect(repaired?.spec?.template?.metadata).toEqual(metadata);
  });

  it('puts back a status that is not what it last wrote, as one whose answer was lost', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, small);
    await settled(ns.name, client);
    const name = { namespace: ns.name, name: 'iris' };
    const wrong = { status: { state: 'Failed', conditions: [] } };
    await client.patch(modelResource, name, wrong, { ...user, subresource: 'status' });
    await condition(ns.name, 'Accepted', (__, status) => status === 'True');
  });

  it('takes a field away that it wrote before and writes no more', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, small);
    await service(
      ns.name,
      (found) => found?.metadata.labels?.['networking.knative.dev/visibility'] !== undefined,
    );
    await apply(ns.name, { ...small, access: { visibility: 'Public' } });
    const shown = await service(
      ns.name,
      (found) => !!found && found.metadata.labels?.['networking.knative.dev/visibility'] === undefined,
    );
    expect(shown?.metadata.generation).toBe(1);
  });

  it("does not take over somebody else's Service of that name, and makes its own once that one is gone", async () => {
    await using ns = await namespace(client);
    const foreign = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { namespace: ns.name, name: 'iris' },
      spec: { template: { spec: { containers: [{ image: 'dev.local/foreign:1' }] } } },
    };
    await client.create(serviceResource, foreign, { fieldManager: 'somebody' });
    await using _ = await runOperator();
    await apply(ns.name, small);
    const taken = await condition(ns.name, 'Accepted', (__, status) => status === 'False');
    expect(taken?.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Stalled',
        reason: 'NameTaken',
        message: expect.stringContaining('managed by somebody'),
      }),
    );
    expect(image(await service(ns.name, (found) => found !== undefined))).toBe('dev.local/foreign:1');

    await client.delete(serviceResource, { namespace: ns.name, name: 'iris' });
    await service(ns.name, (found) => image(found) === 'dev.local/iris:1');
    await condition(ns.name, 'Accepted', (__, status) => status === 'True');
  });

  it('takes nothing from a Service that took the place of its own before the watch has told', async () => {
    await using ns = await namespace(client);
    const name = { namespace: ns.name, name: 'iris' };
    const foreign = synthesize(model({ container: { image: 'dev.local/foreign:1' } }, name), environment());
    await client.create(serviceResource, foreign, { fieldManager: 'somebody' });
    const cached = { metadata: { ...name, uid: 'of-the-one-before' } };
    const refusal = await write(model(small, name), cached).catch((error: unknown) => error);
    expect(isPrecondition(refusal)).toBe(true);
    expect(messageOf(refusal)).toContain('metadata.uid: Invalid value: "of-the-one-before"');
    expect(image(await client.get(serviceResource, name))).toBe('dev.local/foreign:1');
  });

  it('does not go on with a Service of a deleted model of its name of which no watch has told', async () => {
    await using ns = await namespace(client);
    const name = { namespace: ns.name, name: 'iris' };
    const of = (uid: string, image: string) => model({ container: { image } }, { ...name, uid });
    // One that exists, or Kubernetes would delete its Service at once.
    const { metadata } = await apply(ns.name, small);
    await write(of(metadata.uid ?? '', 'dev.local/before:1'), undefined);
    await expect(write(of('of-this-one', 'dev.local/iris:1'), undefined)).rejects.toThrow(
      'has been modified',
    );
    expect(image(await client.get(serviceResource, name))).toBe('dev.local/before:1');
  });

  it('waits for the Service of a deleted model of its name to go, and then makes its own', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, small);
    await settled(ns.name, client);
    const name = { namespace: ns.name, name: 'iris' };
    const hold = (finalizers: string[]) =>
      client.patch(serviceResource, name, { metadata: { finalizers } }, user);
    await hold(['test.dormouse.dev/hold']);
    await client.delete(modelResource, name);
    const { metadata } = await apply(ns.name, small);
    const waiting = await condition(ns.name, 'Reconciling', (message) => message.includes('is still there'));
    expect(waiting?.status?.conditions).not.toContainEqual(expect.objectContaining({ type: 'Stalled' }));

    await hold([]);
    await service(ns.name, (found) => found?.metadata.ownerReferences?.[0]?.uid === metadata.uid);
    await condition(ns.name, 'Accepted', (__, status) => status === 'True');
  });

  it('changes bounds of scale on the live revision, without a new one', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, { ...small, scale: { minReplicas: 1, maxReplicas: 3 } });
    const made = await service(ns.name, (found) => found !== undefined);
    const name = made?.spec?.template?.metadata?.name ?? '';
    const revision = (check: (annotations: Readonly<Record<string, string>>) => boolean) =>
      waitFor<RevisionObject>(client, revisionResource, { namespace: ns.name, name }, (found) =>
        check(found?.metadata.annotations ?? {}),
      );
    await revision((annotations) => annotations['autoscaling.knative.dev/min-scale'] === '1');

    await apply(ns.name, { ...small, scale: { maxReplicas: 5 } });
    await revision(
      (annotations) =>
        annotations['autoscaling.knative.dev/max-scale'] === '5' &&
        annotations['autoscaling.knative.dev/min-scale'] === undefined,
    );
    const { items } = await client.list(revisionResource, { namespace: ns.name });
    expect(items).toHaveLength(1);
    expect((await service(ns.name, (found) => found !== undefined))?.metadata.generation).toBe(1);
  });

  it("shows an admission webhook's or policy's words, and Knative's", async () => {
    await using ns = await namespace(client);
    await using policy = await denying(client, ns.name, 'no image of dev.local here');
    await using _ = await runOperator();
    await apply(ns.name, small);
    const denied = await condition(ns.name, 'Accepted', (__, status) => status === 'False');
    expect(denied?.status).toMatchObject({ state: 'Failed' });
    expect(denied?.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Accepted',
        message: expect.stringContaining('no image of dev.local here'),
      }),
    );
    expect(policy).toBeDefined();
  });

  it('refuses what this cluster does not allow, in a sentence, and accepts it once it does', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, { ...small, timeouts: { request: '15m' } });
    await condition(
      ns.name,
      'Accepted',
      (message, status) => status === 'False' && message.includes('at most 600s'),
    );
    await using _allowed = await configured(client, 'config-defaults', {
      'max-revision-timeout-seconds': '1000',
    });
    await condition(ns.name, 'Accepted', (__, status) => status === 'True');
  });

  it.skipIf(process.env.KUBECONFIG)('writes nothing where nothing changed', async () => {
    await using ns = await namespace(client);
    await using _ = await runOperator();
    await apply(ns.name, small);
    await service(ns.name, (found) => found?.status?.observedGeneration === 1);
    await settled(ns.name, client);
    const before = await operatorWrites(ns.name, 'iris');
    // Noise that is not ours, and then a model whose turn comes after it in the queue.
    await client.patch(
      serviceResource,
      { namespace: ns.name, name: 'iris' },
      { metadata: { labels: { noise: '1' } } },
      user,
    );
    await client.patch(
      modelResource,
      { namespace: ns.name, name: 'iris' },
      { metadata: { labels: { noise: '1' } } },
      user,
    );
    await apply(ns.name, small, 'barrier');
    await service(ns.name, (found) => found !== undefined, 'barrier');
    expect(await operatorWrites(ns.name, 'iris')).toEqual(before);
  });
});

/** Resolves once the status of the model has followed its Knative Service. */
async function settled(namespace: string, client: RestClient): Promise<void> {
  await waitFor<Model>(
    client,
    modelResource,
    { namespace, name: 'iris' },
    (found) => found?.status?.url !== undefined,
  );
}
