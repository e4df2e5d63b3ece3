import { pino } from 'pino';
import { expect, it } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { Store } from '#kube/cache/store.ts';
import type { Writer } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { InferenceModelReconciler } from '#operator/inferencemodel.ts';
import { type Caches, modelKeys } from '#operator/resources.ts';
import { manifest, model } from '../support/models.ts';

/** Caches that hold one model and nothing else. */
function caches(object: KubernetesObject): Caches {
  const cache = () => ({
    store: new Store<KubernetesObject>({ indexes: { model: modelKeys } }),
    onChange: () => {},
  });
  const all = { models: cache(), runtimes: cache(), services: cache(), revisions: cache(), pods: cache() };
  all.models.store.apply(object);
  return { ...all, settings: [] } as unknown as Caches;
}

it('a model whose namespace is being deleted is left alone: no status, no Event, no retry', async () => {
  const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
  const writes: string[] = [];
  const refuse = (write: string) => async () => {
    writes.push(write);
    throw new ApiError('PATCH', 403, { reason: 'Forbidden', details: { causes } });
  };
  const { reconcile } = new InferenceModelReconciler({
    caches: caches(manifest(model().spec, { namespace: 'default', uid: '1' }) as KubernetesObject),
    client: { apply: refuse('apply'), applyStatus: refuse('applyStatus') } as unknown as Writer,
    clock: systemClock,
    events: { record: () => writes.push('event') },
    fetcherImage: 'dev.local/dormouse:1',
    allowance: {},
  });
  const context = { signal: new AbortController().signal, logger: pino({ level: 'silent' }) };
  expect(await reconcile('default/iris', context)).toEqual({});
  expect(writes).toEqual(['apply']);
});
