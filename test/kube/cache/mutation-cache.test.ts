import { describe, expect, test } from 'vitest';
import { MutationCache } from '#kube/cache/mutation-cache.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { FedInformer } from '../../support/informer.ts';

const object = (resourceVersion: string, uid = 'a') => ({ metadata: { name: 'iris', uid, resourceVersion } });
const answering = (resourceVersion: string) => async () => object(resourceVersion);

function cached(resourceVersion: string) {
  const informer = new FedInformer({}, object(resourceVersion));
  return { informer, cache: new MutationCache(informer) };
}

test('a write is read back before the watch brings it, and through what the watch brings of earlier versions', async () => {
  const { informer, cache } = cached('1');
  await cache.write('iris', answering('3'));
  expect(cache.get('iris')).toEqual(object('3'));
  informer.bring(object('2'));
  expect(cache.get('iris')).toEqual(object('3'));
  informer.bring(object('3'));
  informer.bring(object('4'));
  expect(cache.get('iris')).toEqual(object('4'));
});

test('a watch that is faster than the answer of a write is not hidden by it', async () => {
  const { informer, cache } = cached('1');
  await cache.write('iris', async () => {
    informer.bring(object('2'));
    informer.bring(object('3'));
    return object('2');
  });
  expect(cache.get('iris')).toEqual(object('3'));
});

test('a write that changed nothing is not waited for: the watch brings nothing for it', async () => {
  const { informer, cache } = cached('1');
  await cache.write('iris', answering('1'));
  informer.bring(object('2'));
  expect(cache.get('iris')).toEqual(object('2'));
});

test('a deletion ends the memory of a write, but not that of an earlier object of the same name', async () => {
  const { informer, cache } = cached('1');
  await cache.write('iris', async () => object('3', 'b'));
  informer.takeAway(object('2', 'a'));
  expect(cache.get('iris')).toEqual(object('3', 'b'));
  informer.bring(object('3', 'b'));
  informer.takeAway(object('4', 'b'));
  expect(cache.get('iris')).toBeUndefined();
});

test('after a list only what it holds is known, and what was written before is named', async () => {
  const { cache } = cached('1');
  await cache.write('rose', answering('2'));
  expect(cache.get('rose')).toBeDefined();
  expect(cache.forget()).toEqual(['rose']);
  expect(cache.get('rose')).toBeUndefined();
});

test('a write that fails leaves nothing behind', async () => {
  const { cache } = cached('1');
  const lost = async () => Promise.reject(new Error('connection reset'));
  await expect(cache.write('iris', lost)).rejects.toThrow('connection reset');
  expect(cache.get('iris')).toEqual(object('1'));
});

describe('a change that the watch brings is known where it is', () => {
  interface Sized extends KubernetesObject {
    readonly spec: { readonly size: number };
    readonly status?: object;
  }
  const model = (resourceVersion: string, spec: Sized['spec'], status?: object): Sized => ({
    ...object(resourceVersion),
    spec,
    ...(status && { status }),
  });
  const [small, large] = [{ size: 1 }, { size: 2 }];
  test.each<{ name: string; given: { answer: Sized; brought: Sized }; want: boolean }>([
    {
      name: 'the answer to a write of the status',
      given: { answer: model('2', small, { ready: true }), brought: model('2', small, { ready: true }) },
      want: true,
    },
    {
      name: 'a status of another client',
      given: { answer: model('3', small, { ready: true }), brought: model('2', small, { ready: false }) },
      want: false,
    },
    {
      name: 'the answer to a write, with a spec of another client that no event brought',
      given: { answer: model('3', large, { ready: true }), brought: model('3', large, { ready: true }) },
      want: false,
    },
  ])('$name: $want', async ({ given: { answer, brought }, want }) => {
    const informer = new FedInformer<Sized>({}, model('1', small));
    const cache = new MutationCache(informer);
    const known: boolean[] = [];
    informer.onChange((before, after) => known.push(cache.isOwnStatus(before, after)));
    await cache.write('iris', async () => answer);
    informer.bring(brought);
    expect(known).toEqual([want]);
  });
});
