import type { RestClient } from '#kube/client/rest.ts';

const resource = { group: '', version: 'v1', plural: 'namespaces', namespaced: false };
let count = 0;

/**
 * A namespace of its own for each test; it goes when the test ends (`await using`). It takes pods of the `restricted`
 * Pod Security level alone, as ours are, unless said otherwise.
 */
export async function namespace(
  client: RestClient,
  level: 'restricted' | 'privileged' = 'restricted',
): Promise<{ readonly name: string } & AsyncDisposable> {
  count += 1;
  const name = `test-${process.pid}-${Date.now().toString(36)}-${count}`;
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  await client.create(
    resource,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    { fieldManager: 'test' },
  );
  return { name, [Symbol.asyncDispose]: () => client.delete(resource, { name }) };
}
