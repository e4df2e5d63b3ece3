import { describe, expect, it } from 'vitest';
import { plainService, releasePatch, whyNot } from '#cli/eject/plain.ts';
import { runEject } from '#cli/eject/run.ts';
import { findInstallation, type Installed, uninstall } from '#cli/eject/uninstall.ts';
import type { Client, DeleteOptions, ListOptions } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { GroupVersionResource } from '#kube/client/objects.ts';
import { crdResource, deploymentResource } from '#kube/client/objects.ts';

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

describe('to uninstall', () => {
  const installed = (resource: GroupVersionResource): Installed => ({
    resource,
    object: { metadata: { name: 'dormouse', uid: resource.plural } },
    title: resource.plural,
  });
  const roles = {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural: 'clusterroles',
    namespaced: false,
  };
  const installation = [deploymentResource, roles, crdResource].map(installed);

  /** A cluster with these models, whose operator takes a while to end; gives what was asked of it. */
  async function asked(...models: readonly object[]) {
    const log: string[] = [];
    let looks = 0;
    const client = {
      list: async ({ plural }: GroupVersionResource) => {
        log.push(`list ${plural}`);
        return { items: models, resourceVersion: '1' };
      },
      delete: async ({ plural }: GroupVersionResource, _: object, { propagationPolicy }: DeleteOptions) =>
        void log.push(`delete ${plural} ${propagationPolicy}`),
      get: async ({ plural }: GroupVersionResource) => {
        looks += 1;
        log.push(`get ${plural}`);
        if (looks > 1) throw new ApiError('GET', 404, {});
        return installed(deploymentResource).object;
      },
    };
    const error = await uninstall(client as unknown as Client, installation).catch((reason: Error) => reason);
    return { log, message: error?.message };
  }
  const first = ['delete deployments Foreground', 'get deployments', 'get deployments'];
  const rest = [...first, 'delete clusterroles Background', 'list inferencemodels'];
  const crds = 'delete customresourcedefinitions Background';

  it('is to end the operator, to look for models once more, and only then to delete the CRDs', async () => {
    expect(await asked()).toEqual({ log: [...rest, crds], message: undefined });
  });

  it('ends before the CRDs where a model was applied meanwhile, which it names', async () => {
    const { log, message } = await asked(model);
    expect(log).toEqual(rest);
    expect(message).toContain(
      'would be deleted with them: iris in namespace default: run the same once more',
    );
  });

  it('does not wait for a model that is being deleted', async () => {
    const metadata = { ...model.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect((await asked({ metadata })).log).toContain(crds);
  });
});
