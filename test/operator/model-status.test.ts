import { expect, test } from 'vitest';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { Writer } from '#kube/client/client.ts';
import { ModelStatusWriter } from '#operator/model-status.ts';

const hour = 3_600_000;
const { signal } = new AbortController();
const model = { metadata: { name: 'iris', namespace: 'default' }, status: { state: 'Awake', replicas: 1 } };
const status = (replicas: number) => ({ state: 'Awake', replicas }) as InferenceModelStatus;

function recording() {
  const written: unknown[] = [];
  const applyStatus = async (_: unknown, object: { status?: unknown }) => {
    written.push(object.status);
    return { metadata: { ...model.metadata, resourceVersion: '2' } };
  };
  return { written, writer: new ModelStatusWriter({ applyStatus } as unknown as Writer) };
}

test('news that can wait is written a second later', async () => {
  const { written, writer } = recording();
  expect(await writer.apply(model, status(2), hour, signal)).toBe(1000);
  expect(await writer.apply(model, status(3), hour + 400, signal)).toBe(600);
  expect(written).toEqual([]);
  expect(await writer.apply(model, status(3), hour + 1000, signal)).toBeUndefined();
  expect(written).toEqual([status(3)]);
});
