import { expect, it } from 'vitest';
import { catalogueManifests } from '../../src/catalogue.ts';
import type { KubernetesObject } from '../../src/kube/objects.ts';
import { runtimesOf } from '../../src/reconcilers/runtimes.ts';

it('a runtime that this version does not understand stands in the way of no other', () => {
  const [good] = catalogueManifests() as KubernetesObject[];
  if (!good) throw new Error('the catalogue is empty');
  const strange = { ...good, metadata: { name: 'strange' }, spec: { fromTheFuture: true } };
  expect(runtimesOf([strange, good]).map(({ name }) => name)).toEqual([good.metadata.name]);
});
