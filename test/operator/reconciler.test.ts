import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { StoredModel } from '#decision/decide.ts';
import type { ConfigMap, KnativeServiceObject, PodObject, RevisionObject } from '#knative/objects.ts';
import { ApiError, ConnectionError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { InferenceModelReconciler } from '#operator/reconciler.ts';
import { modelKeys } from '#operator/resources.ts';
import { ManualClock } from '../kube/manual-clock.ts';
import { FedInformer } from '../support/informer.ts';
import { manifest } from '../support/models.ts';
import { type RecordedWrite, Recorder } from '../support/recorder.ts';

const image = (tag: string) => ({ container: { image: `registry.example/iris:${tag}` } });
const stored = (spec: object, generation = 1) =>
  manifest(spec, {
    namespace: 'default',
    uid: 'one',
    generation,
    resourceVersion: String(generation),
  }) as unknown as StoredModel;

/** A reconciler with caches that a test feeds, and an API server that takes every write but those that `fails` names. */
function makeWorld(fails?: (write: RecordedWrite) => Error | undefined) {
  const indexes = { model: modelKeys };
  const caches = {
    models: new FedInformer<StoredModel>({}, stored(image('1'))),
    runtimes: new FedInformer<KubernetesObject>(),
    profiles: new FedInformer<KubernetesObject>(),
    services: new FedInformer<KnativeServiceObject>(),
    revisions: new FedInformer<RevisionObject>({ indexes }),
    pods: new FedInformer<PodObject>({ indexes }),
    settings: [] as FedInformer<ConfigMap>[],
  };
  const client = new Recorder(fails);
  const events: string[] = [];
  const clock = new ManualClock();
  const reconciler = new InferenceModelReconciler({
    caches: caches as never,
    client,
    clock,
    events: { record: (_, { reason }) => events.push(reason) },
    fetcherImage: 'registry.example/dormouse:1',
    allowance: {},
  });
  const context = {
    signal: new AbortController().signal,
    logger: pino({ level: 'silent' }),
    priority: 'normal',
  } as const;
  return {
    caches,
    client,
    clock,
    events,
    reconciler,
    reconcile: () => reconciler.reconcile('default/iris', context),
  };
}

test('the Service is made first; its status follows when the watch has brought it', async () => {
  const { caches, client, reconcile, events } = makeWorld();
  expect(await reconcile()).toEqual({});
  expect(client.verbs).toEqual(['apply services']);
  caches.services.bring(client.writes[0]?.object as KnativeServiceObject);
  await reconcile();
  expect(client.verbs).toEqual(['apply services', 'applyStatus inferencemodels']);
  expect(events).toEqual(['Created']);
});

test('a reconcile that comes before the watch writes nothing again', async () => {
  const { client, reconcile } = makeWorld();
  await reconcile();
  await reconcile();
  expect(client.verbs.filter((verb) => verb === 'apply services')).toHaveLength(1);
});

test('a change that comes before the watch goes on with the Service that was just made', async () => {
  const { caches, client, reconcile } = makeWorld();
  await reconcile();
  caches.models.bring(stored(image('2'), 2));
  await reconcile();
  const [first, second] = client.writes.filter(({ verb }) => verb === 'apply');
  expect(first?.object.metadata.uid).toBeUndefined();
  expect(second?.object.metadata).toMatchObject({ uid: 'uid-101', resourceVersion: '101' });
});

test('a Service that was made and is not in a list read after it is made again', async () => {
  const { caches, client, reconcile, reconciler } = makeWorld();
  await reconcile();
  caches.services.relist();
  expect(reconciler.onServicesRelisted()).toEqual(['default/iris']);
  await reconcile();
  expect(client.verbs).toEqual(['apply services', 'apply services']);
});

test('a Service whose answer was lost may have arrived: it is sent again as it was', async () => {
  let lost = true;
  const { client, reconcile } = makeWorld(() => (lost ? new ConnectionError('reset') : undefined));
  await expect(reconcile()).rejects.toThrow('reset');
  lost = false;
  await reconcile();
  const [first, second] = client.writes;
  expect(second?.object).toEqual(first?.object);
});

test.each([
  {
    name: 'a conflict',
    error: new ApiError('PATCH', 409, { reason: 'Conflict' }),
    after: 60_000,
    published: false,
  },
  {
    name: 'a Service that another one has replaced',
    error: new ApiError('PATCH', 422, {
      reason: 'Invalid',
      details: { causes: [{ field: 'metadata.uid' }] },
    }),
    after: 60_000,
    published: false,
  },
  { name: 'a first failure', error: new ConnectionError('reset'), after: 0, published: false },
  { name: 'a failure that lasts', error: new ConnectionError('reset'), after: 3000, published: true },
  {
    name: 'what a webhook denies',
    error: new ApiError('PATCH', 403, { message: 'admission webhook "x" denied the request: no' }),
    after: 0,
    published: true,
  },
])('$name is published: $published', async ({ error, after, published }) => {
  const { client, clock, reconcile } = makeWorld(({ verb }) => (verb === 'apply' ? error : undefined));
  await reconcile().catch(() => {});
  clock.advance(after);
  await reconcile().catch(() => {});
  expect(client.verbs.includes('applyStatus inferencemodels')).toBe(published);
});

test('a model whose namespace is being deleted is left alone: no status, no Event, no retry', async () => {
  const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
  const refusal = new ApiError('PATCH', 403, { reason: 'Forbidden', details: { causes } });
  const { client, events, reconcile } = makeWorld(() => refusal);
  expect(await reconcile()).toEqual({});
  expect(client.verbs).toEqual(['apply services']);
  expect(events).toEqual([]);
});

test("a Revision that Knative's garbage collector took is no failure", async () => {
  const gone = new ApiError('PATCH', 404, { reason: 'NotFound' });
  const { caches, client, reconcile } = makeWorld(({ verb }) => (verb === 'patch' ? gone : undefined));
  await reconcile();
  const service = client.writes[0]?.object as KnativeServiceObject;
  const name = service.spec?.template?.metadata?.name ?? '';
  const labels = { 'dormouse.dev/model': 'iris' };
  caches.services.bring(service);
  caches.revisions.bring({ metadata: { name, namespace: 'default', labels, resourceVersion: '5' } });
  caches.models.bring(stored({ ...image('1'), scale: { minReplicas: 1 } }, 2));
  await reconcile();
  expect(client.verbs).toContain('patch revisions');
});
