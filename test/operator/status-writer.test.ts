import { expect, test } from 'vitest';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { MutationCache } from '#kube/cache/mutation-cache.ts';
import { StatusWriter } from '#operator/status-writer.ts';
import { FedInformer } from '../support/informer.ts';
import { Recorder } from '../support/recorder.ts';

const hour = 3_600_000;
const { signal } = new AbortController();
const status = (replicas: number) => ({ state: 'Awake', replicas }) as InferenceModelStatus;
const model = { metadata: { name: 'iris', namespace: 'default' }, status: status(1) };

test('a change that can wait is written a second later', async () => {
  const client = new Recorder();
  const writer = new StatusWriter(client, new MutationCache(new FedInformer({}, model)));
  expect(await writer.apply(model, status(2), hour, signal)).toBe(1000);
  expect(await writer.apply(model, status(3), hour + 400, signal)).toBe(600);
  expect(client.writes).toEqual([]);
  expect(await writer.apply(model, status(3), hour + 1000, signal)).toBeUndefined();
  expect(client.writes.map(({ object }) => object)).toMatchObject([{ status: status(3) }]);
});
