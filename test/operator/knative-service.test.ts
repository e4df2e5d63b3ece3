import { expect, test } from 'vitest';
import type { Writer } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { KnativeServiceWriter } from '#operator/knative-service.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

const { signal } = new AbortController();
const of = (uid: string, image = 'dev.local/iris:1') =>
  synthesize(model({ container: { image } }, { uid }), environment());

function recording() {
  const sent: KubernetesObject['metadata'][] = [];
  const apply = async (_: unknown, { metadata }: KubernetesObject) => {
    sent.push(metadata);
    return {
      metadata: { ...metadata, uid: `service-${sent.length}`, resourceVersion: String(sent.length + 1) },
    };
  };
  return { sent, writer: new KnativeServiceWriter({ apply } as unknown as Writer) };
}

test('where no Service is known, one is made or none: an older one of that name is left alone', async () => {
  const { sent, writer } = recording();
  await writer.apply(of('a'), undefined, signal);
  expect(sent).toMatchObject([{ resourceVersion: '1' }]);
  expect(sent[0]?.uid).toBeUndefined();
});

test('what was just made for a model is gone on with before the watch tells of it, and only for that model', async () => {
  const { sent, writer } = recording();
  await writer.apply(of('a'), undefined, signal);
  await writer.apply(of('a', 'dev.local/iris:2'), undefined, signal);
  await writer.apply(of('b'), undefined, signal);
  expect(sent.map(({ uid, resourceVersion }) => uid ?? resourceVersion)).toEqual(['1', 'service-1', '1']);
});

test('what was made and is not in a list made after it is made again', async () => {
  const { sent, writer } = recording();
  expect(await writer.apply(of('a'), undefined, signal)).toBeTruthy();
  expect(await writer.apply(of('a'), undefined, signal)).toBeFalsy();
  expect(writer.relisted()).toEqual(['default/iris']);
  expect(await writer.apply(of('a'), undefined, signal)).toBeTruthy();
  expect(sent).toHaveLength(2);
});

test('what was sent for a model is known until the watch brings it, and is of no other model', async () => {
  const { writer } = recording();
  const manifest = of('a');
  await writer.apply(manifest, undefined, signal);
  const iris = (uid: string) => ({ metadata: { namespace: 'default', name: 'iris', uid } });
  expect(writer.sent(iris('a'))).toEqual(manifest.spec.template);
  expect(writer.sent(iris('b'))).toBeUndefined();
  writer.seen({ metadata: { namespace: 'default', name: 'iris' }, spec: of('a', 'dev.local/iris:0').spec });
  expect(writer.sent(iris('a'))).toEqual(manifest.spec.template);
  writer.seen({ metadata: { namespace: 'default', name: 'iris' }, spec: manifest.spec });
  expect(writer.sent(iris('a'))).toBeUndefined();
});

test.each([
  ['is kept where the answer was lost: it may have arrived', new Error('connection reset'), true],
  ['is forgotten where the server refused it', new ApiError('PATCH', 422, { message: 'no' }), false],
])('what was sent %s', async (_, error, kept) => {
  const apply = async () => {
    throw error;
  };
  const writer = new KnativeServiceWriter({ apply } as unknown as Writer);
  await expect(writer.apply(of('a'), undefined, signal)).rejects.toThrow(error);
  const sent = writer.sent({ metadata: { namespace: 'default', name: 'iris', uid: 'a' } });
  expect(sent !== undefined).toBe(kept);
});
