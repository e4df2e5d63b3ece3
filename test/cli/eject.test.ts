import { expect, it } from 'vitest';
import { plainService, releasePatch, whyNot } from '../../src/cli/eject/plain.ts';
import { runEject } from '../../src/cli/eject/run.ts';
import { findInstallation } from '../../src/cli/eject/uninstall.ts';
import type { Client, ListOptions } from '../../src/kube/client.ts';

const model = { metadata: { name: 'iris', namespace: 'default', uid: 'm1' } };
const service = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: {
    name: 'iris',
    namespace: 'default',
    uid: 's1',
    resourceVersion: '7',
    generation: 2,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'dormouse.dev/model': 'iris', team: 'flowers' },
    annotations: {
      'dormouse.dev/applied': 'a1b2',
      'serving.knative.dev/creator': 'system:serviceaccount:dormouse-system:dormouse',
      'serving.knative.dev/lastModifier': 'system:serviceaccount:dormouse-system:dormouse',
      team: 'flowers',
    },
    ownerReferences: [
      {
        apiVersion: 'dormouse.dev/v1alpha1',
        kind: 'InferenceModel',
        name: 'iris',
        uid: 'm1',
        controller: true,
      },
    ],
    managedFields: [
      { manager: 'dormouse', operation: 'Apply' as const },
      { manager: 'controller', operation: 'Update' as const, subresource: 'status' },
    ],
  },
  spec: { template: { metadata: { name: 'iris-1' }, spec: { containers: [{ image: 'a' }] } }, traffic: [] },
  status: { url: 'http://iris.default.example.test' },
};

it('a manifest for Git has what the user may own, and the template word for word', () => {
  expect(plainService(service as never)).toEqual({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name: 'iris',
      namespace: 'default',
      labels: { 'dormouse.dev/model': 'iris', team: 'flowers' },
      annotations: { team: 'flowers', 'dormouse.dev/rendered': 'true' },
    },
    spec: service.spec,
  });
});

it('a Service is released from our field manager alone, and only as it was seen', () => {
  const others = [{ manager: 'controller', operation: 'Update', subresource: 'status' }];
  const annotations = { 'dormouse.dev/applied': null, 'dormouse.dev/rendered': 'true' };
  const metadata = { resourceVersion: '7', annotations };
  expect(releasePatch(service as never)).toEqual({ metadata: { ...metadata, managedFields: others } });
});

it('where nobody else has written, the list of managers is reset: an empty one would be ignored', () => {
  const { managedFields: _, ...metadata } = service.metadata;
  expect(releasePatch({ ...service, metadata } as never)).toMatchObject({
    metadata: { managedFields: [{}] },
  });
});

it.each([
  ['its own Service', service, undefined],
  ['none', undefined, /^InferenceModel iris in namespace default has no Knative Service of its own/],
  ["a stranger's", { ...service, metadata: { ...service.metadata, ownerReferences: [] } }, /has no Knative/],
])('a model with %s', (_, found, expected) => {
  const why = whyNot(model, found as never);
  if (expected) expect(why).toMatch(expected);
  else expect(why).toBeUndefined();
});

it.each([
  [[], {}, /^say which models to eject: /],
  [['iris'], { all: true }, /^names of models and --all exclude each other: /],
  [[], { uninstall: true }, /^--uninstall takes --all-namespaces: /],
  [['iris'], { uninstall: true }, /^--uninstall takes --all-namespaces: /],
  [[], { allNamespaces: true, uninstall: true, skip: true }, /^--uninstall and --skip exclude each other: /],
])('eject %j with %j is refused before anything is asked of a cluster', async (names, flags, message) => {
  await expect(runEject(names as string[], flags)).rejects.toThrow(message);
});

it('to uninstall is to delete nothing of a model that is called dormouse', async () => {
  const selectors: (string | undefined)[] = [];
  const list = async (_: unknown, { labelSelector }: ListOptions = {}) => {
    selectors.push(labelSelector);
    return { items: [], resourceVersion: '1' };
  };
  expect(await findInstallation({ list } as unknown as Client)).toEqual([]);
  const [ofCrds, ...others] = selectors.toReversed();
  expect(ofCrds).toBeUndefined();
  expect(new Set(others)).toEqual(new Set(['app.kubernetes.io/name=dormouse,!dormouse.dev/model']));
});
