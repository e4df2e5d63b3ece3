import type { FlaggedField } from '#api/v1alpha1/pod-fields.ts';
import { type Capabilities, isOn } from '#knative/capabilities.ts';
import { patchCommand, type Setting } from '#knative/setting.ts';
import { releaseName } from '#knative/settings.ts';
import type { Refusal } from './part.ts';

/** The setting that turns a flag on. */
export const settingOf = (flag: string): Setting => ({
  configMap: 'config-features',
  key: flag,
  value: 'enabled',
});

/** Says that a cluster does not let a field through, and how it would; undefined where it does. */
export function flagRefusal(
  where: string,
  { flag, reading, since = 0 }: FlaggedField,
  capabilities: Capabilities,
): Refusal | undefined {
  const { servingVersion = since } = capabilities;
  if (servingVersion < since)
    return { problem: `${where}: this Knative has no such field: it takes ${releaseName(since)} or newer` };
  if (isOn(capabilities, flag, reading)) return undefined;
  const setting = settingOf(flag);
  return {
    problem: `${where}: this cluster does not allow it: ${patchCommand(setting, capabilities.settingsOwner)}`,
    setting,
  };
}
