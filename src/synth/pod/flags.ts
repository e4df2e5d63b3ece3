import { type Capabilities, type FlagReading, isOn } from '#knative/capabilities.ts';
import { patchCommand, type Setting } from '#knative/setting.ts';
import type { Refusal } from './part.ts';

/** A field that Knative lets through where a flag of `config-features` is on, and how it reads that flag. */
export interface FlaggedField {
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
  { flag, reading }: FlaggedField,
  capabilities: Capabilities,
): Refusal | undefined {
  if (isOn(capabilities, flag, reading)) return undefined;
  const setting = settingOf(flag);
  return {
    problem: `${where}: this cluster does not allow it: ${patchCommand(setting, capabilities.settingsOwner)}`,
    setting,
  };
}
