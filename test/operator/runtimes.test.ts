import { expect, it } from 'vitest';
import { catalogueManifests } from '#catalogue/catalogue.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { runtimesOf } from '#operator/runtimes.ts';

it('a runtime that this version does not understand stands in the way of no other', () => {
  const [good] = catalogueManifests() as KubernetesObject[];
  if (!good) throw new Error('the catalogue is empty');
  const strange = { ...good, metadata: { name: 'strange' }, spec: { fromTheFuture: true } };
  expect(runtimesOf([strange, good]).map(({ name }) => name)).toEqual([good.metadata.name]);
});
