import { expect, it } from 'vitest';
import { applyFixes } from '#cli/doctor/fix.ts';
import { patchCommand, type Setting } from '#knative/setting.ts';
import type { Client } from '#kube/client/client.ts';

const flag: Setting = { configMap: 'config-features', key: 'multi-container', value: 'enabled' };

/** What would be sent to the API server. */
function recorder() {
  const sent: unknown[] = [];
  const patch: Client['patch'] = async ({ plural }, { namespace, name }, body) => {
    sent.push({ object: `${plural} ${namespace}/${name}`, body });
    return {} as never;
  };
  return { sent, client: { patch } as Client };
}

it.each([
  [
    'the ConfigMap',
    undefined,
    {
      object: 'configmaps knative-serving/config-features',
      body: { data: { 'multi-container': 'enabled' } },
    },
  ],
  [
    'the KnativeServing object that owns it',
    { namespace: 'knative-serving', name: 'serving' },
    {
      object: 'knativeservings knative-serving/serving',
      body: { spec: { config: { features: { 'multi-container': 'enabled' } } } },
    },
  ],
])('a setting is changed in %s', async (_, owner, patch) => {
  const { sent, client } = recorder();
  const said: string[] = [];
  expect(await applyFixes(client, [flag], owner, true, (line) => said.push(line))).toBe(true);
  expect(sent).toEqual([patch]);
  expect(said).toEqual([patchCommand(flag, owner)]);
});

it.skipIf(process.stdin.isTTY)('nothing is changed where nobody can be asked', async () => {
  const { sent, client } = recorder();
  await expect(applyFixes(client, [flag], undefined, false, () => {})).rejects.toThrow('use --yes');
  expect(sent).toEqual([]);
});
