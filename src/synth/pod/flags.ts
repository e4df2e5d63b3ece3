import { type Capabilities, type FlagReading, isOn } from '#knative/capabilities.ts';
import { patchCommand, type Setting } from '#knative/setting.ts';
import { releaseName } from '#knative/settings.ts';
import type { Refusal } from './part.ts';

/** A field that Knative lets through where a flag of `config-features` is on, and how it reads that flag. */
export interface FlaggedField {
  /** The first minor version of knative.dev/serving that has it, where not all that we support do. */
  readonly since?: number;
  readonly flag: string;
  readonly reading: FlagReading;
}

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
