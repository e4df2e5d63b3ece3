import type { RestClient } from '../../src/kube/rest.ts';

const resource = { group: '', version: 'v1', plural: 'namespaces', namespaced: false };
let count = 0;

/** A namespace of its own for each test; it goes when the test ends (`await using`). */
export async function namespace(client: RestClient): Promise<{ readonly name: string } & AsyncDisposable> {
  count += 1;
  const name = `test-${process.pid}-${Date.now().toString(36)}-${count}`;
  await client.create(
    resource,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { fieldManager: 'test' },
  );
  return { name, [Symbol.asyncDispose]: () => client.delete(resource, { name }) };
}
