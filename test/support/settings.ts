import type { SettingsConfigMap } from '#knative/names.ts';
import type { ConfigMap } from '#knative/objects.ts';
import type { Client } from '#kube/client/client.ts';
import { configMapResource } from '#kube/client/objects.ts';

/** Changes settings of Knative in one of its ConfigMaps; what was there before comes back at the end (`await using`). */
export async function configured(
  client: Client,
  name: SettingsConfigMap,
  data: Readonly<Record<string, string>>,
): Promise<AsyncDisposable> {
  const of = { namespace: 'knative-serving', name };
  const { data: before = {} } = await client.get<ConfigMap>(configMapResource, of);
  const write = async (data: Readonly<Record<string, string | null>>): Promise<void> =>
    void (await client.patch(configMapResource, of, { data }, { fieldManager: 'test' }));
  await write(data);
  const undo = Object.fromEntries(Object.keys(data).map((key) => [key, before[key] ?? null]));
  return { [Symbol.asyncDispose]: () => write(undo) };
}
