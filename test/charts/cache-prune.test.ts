import { expect, it } from 'vitest';
import { operatorImage } from '#base/image.ts';
import type { KubeObject } from '../cluster/knative/render.ts';
import { helmTemplate } from '../support/tools.ts';

/** The objects of a release that prunes some caches, beside the usual ones. */
async function pruning(...claims: readonly object[]): Promise<KubeObject[]> {
  const usual = new Set((await helmTemplate()).map((object) => JSON.stringify(object)));
  const objects = await helmTemplate([`cache.prune=${JSON.stringify(claims)}`]);
  return objects.filter((object) => !usual.has(JSON.stringify(object)));
}

const models = { namespace: 'team', claim: 'models', schedule: '0 3 * * *' };

it('a cache is pruned in its namespace, by a ServiceAccount that may list revisions there and nothing else', async () => {
  const objects = await pruning({ ...models, maxSize: '100Gi', olderThan: '30d' });
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`).sort()).toEqual([
    'CronJob team',
    'Role team',
    'RoleBinding team',
    'ServiceAccount team',
  ]);
  const one = (kind: string) => objects.find((object) => object.kind === kind);
  expect(one('Role')).toMatchObject({
    rules: [{ apiGroups: ['serving.knative.dev'], resources: ['revisions'], verbs: ['list'] }],
  });
  const name = 'dormouse-prune-models';
  expect(one('RoleBinding')).toMatchObject({
    roleRef: { kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'team' }],
  });
  expect(one('CronJob')).toMatchObject({
    spec: {
      schedule: '0 3 * * *',
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: {
          template: {
            spec: {
              serviceAccountName: name,
              restartPolicy: 'Never',
              securityContext: {
                runAsNonRoot: true,
                runAsUser: 65532,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              containers: [
                {
                  image: operatorImage,
                  args: ['cache', 'prune', '/mnt/cache', '--max-size=100Gi', '--older-than=30d'],
                  volumeMounts: [{ name: 'cache', mountPath: '/mnt/cache' }],
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ['ALL'] },
                  },
                },
              ],
              volumes: [{ name: 'cache', persistentVolumeClaim: { claimName: 'models' } }],
            },
          },
        },
      },
    },
  });
});

it('each of several claims has names of its own, which a CronJob may have', async () => {
  const long = 'a'.repeat(100);
  const claims = ['models', 'other', `${long}1`, `${long}2`].map((claim) => ({ ...models, claim }));
  const names = (await pruning(...claims))
    .filter(({ kind }) => kind === 'CronJob')
    .map(({ metadata }) => metadata.name);
  expect(new Set(names).size).toBe(4);
  expect(names.filter((name) => name.length > 52)).toEqual([]);
});

it.each([
  [{ ...models, schedule: undefined }, "missing property 'schedule'"],
  [{ ...models, maxSize: 'big' }, "'big' does not match pattern"],
  [{ ...models, olderThan: '30' }, "'30' does not match pattern"],
  [{ ...models, claims: 'x' }, "additional properties 'claims' not allowed"],
])('%j is refused', async (claim, why) => {
  await expect(pruning(claim)).rejects.toThrow(why);
});
