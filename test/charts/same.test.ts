import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { expect, it } from 'vitest';
import { Operator } from '#release/install/operator.ts';
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { parseObjects } from '../cluster/knative/manifests.ts';
import type { KubeObject } from '../cluster/knative/render.ts';
import { progress } from '../cluster/progress.ts';
import { manifests } from '../support/install.ts';
import { helmTemplate } from '../support/tools.ts';

/** What the API server fills in where it is left out: cdk8s-plus-27 writes some of it, the chart does not. */
const filledIn: Readonly<Record<string, unknown>> = {
  minReadySeconds: 0,
  progressDeadlineSeconds: 600,
  strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' },
  dnsPolicy: 'ClusterFirst',
  hostNetwork: false,
  restartPolicy: 'Always',
  setHostnameAsFQDN: false,
  terminationGracePeriodSeconds: 30,
  failureThreshold: 3,
  scheme: 'HTTP',
  privileged: false,
  apiGroup: '',
  resourceNames: [],
};
/** What tells who wrote an object, and nothing of what it does. */
const marks = [
  /^helm\.sh\//,
  /^meta\.helm\.sh\//,
  /^cdk8s\.io\//,
  /^app\.kubernetes\.io\/(instance|managed-by|name|version)$/,
];

/** Objects by what they are, without marks and without what goes without saying. */
function meaning(objects: readonly object[]): Record<string, unknown> {
  const named = (objects as KubeObject[])
    // The namespace is for `helm --namespace` to make.
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => {
      const { namespace = '', name } = object.metadata;
      return [`${object.kind} ${namespace}/${name}`, plain(object)] as const;
    });
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, item]) => JSON.stringify(item) !== JSON.stringify(filledIn[key]))
    .map(([key, item]) => [key, key === 'matchLabels' ? item : plain(item)] as const)
    .filter(([key]) => !marks.some((mark) => mark.test(key)))
    .filter(([key, item]) => !['labels', 'annotations'].includes(key) || Object.keys(item as object).length);
  return Object.fromEntries(entries);
}

it('the chart is the same operator as manifests/', async () => {
  const files = ['crds.yaml', 'install.yaml', 'runtimes.yaml'].map((name) =>
    readFile(join(manifests, name), 'utf8'),
  );
  const applied = meaning((await Promise.all(files)).flatMap(parseObjects));
  expect(Object.keys(applied).length).toBeGreaterThan(20);
  expect(meaning(await helmTemplate())).toEqual(applied);
});

it('kustomize has all of manifests/', async () => {
  const { kubectl } = await findOrBuild(
    ['kubectl'],
    progress(() => {}),
  );
  const kustomized = meaning(parseObjects(await run([kubectl, 'kustomize', manifests])));
  expect(kustomized).toEqual(meaning(await helmTemplate()));
});

it.each([['dormouse-system'], ['elsewhere']])(
  'the chart is the same operator for some namespaces, in the namespace %s',
  async (namespace) => {
    const namespaces = ['one', 'two'];
    const made = new Operator(new App(), 'install', { namespace, namespaces }).toJson();
    const values = ['namespaces={one,two}', 'crds.install=false', 'runtimes.install=false'];
    expect(meaning(await helmTemplate(values, { namespace }))).toEqual(meaning(made));
  },
);
