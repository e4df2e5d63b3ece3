import { patchCommand, patchOf, type Setting, type SettingsOwner } from '#knative/setting.ts';
import type { Client } from '#kube/client/client.ts';
import type { GroupVersionResource } from '#kube/client/objects.ts';
import { configMapResource } from '#kube/client/objects.ts';
import { cliManager } from '../cluster/open.ts';
import { confirmed } from '../terminal/confirm.ts';
import type { Verdict } from './verdict.ts';

const resources: Readonly<Record<'ConfigMap' | 'KnativeServing', GroupVersionResource>> = {
  ConfigMap: configMapResource,
  KnativeServing: {
    group: 'operator.knative.dev',
    version: 'v1beta1',
    plural: 'knativeservings',
    namespaced: true,
  },
};

/** The settings that mend what was found, each once. */
export function fixesOf(verdicts: readonly Verdict[]): Setting[] {
  const all = verdicts.flatMap(({ settings = [] }) => settings);
  return [...new Map(all.map((setting) => [`${setting.configMap}/${setting.key}`, setting])).values()];
}

/**
 * Shows the patches, asks, and applies them.
 * @param yes the answer, given before
 * @returns whether they were applied
 * @throws PlainError where no user can be asked
 */
export async function applyFixes(
  client: Client,
  fixes: readonly Setting[],
  owner: SettingsOwner | undefined,
  yes: boolean,
  say: (line: string) => void,
): Promise<boolean> {
  for (const fix of fixes) say(patchCommand(fix, owner));
  if (!yes && !(await confirmed('apply this?', '--fix'))) return false;
  for (const fix of fixes) {
    const { kind, namespace, name, patch } = patchOf(fix, owner);
    await client.patch(resources[kind], { namespace, name }, patch, { fieldManager: cliManager });
  }
  return true;
}
