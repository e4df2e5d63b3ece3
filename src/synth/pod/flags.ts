import type { Container, Variable } from '#api/v1alpha1/container.ts';
import type { PodSettings } from '#api/v1alpha1/pod.ts';
import { type FlaggedField, isPodField, podFields } from '#api/v1alpha1/pod-fields.ts';
import type { Volume } from '#api/v1alpha1/volume.ts';
import { type Capabilities, hasField, isOn } from '#knative/capabilities.ts';
import { patchCommand, type Setting } from '#knative/setting.ts';
import { releaseName } from '#knative/settings.ts';
import type { PartOf, Refusal } from './part.ts';

/** A field that takes a flag of Knative, and the path at which it is used. */
interface Use {
  readonly path: string;
  readonly field: FlaggedField;
}

/** What was said of pods and of their container, by a model, a runtime, a profile or all of them. */
interface PodParts {
  readonly pod?: PodSettings | undefined;
  readonly container?: Partial<Container> | undefined;
}

/** The setting that turns the flag of a field on. */
export const settingOf = ({ flag }: FlaggedField): Setting => ({
  configMap: 'config-features',
  key: flag,
  value: 'enabled',
});

/** What is in the way of fields in this cluster, each in a sentence that says what to do. */
export const flagRefusals = (
  parts: PodParts,
  capabilities: Capabilities,
  whose: (path: string) => string,
): Refusal[] => usesOf(parts).flatMap(({ path, field }) => refusalOf(whose(path), field, capabilities) ?? []);

/** Refuses what takes a flag of Knative that is off. */
export const flagsPart: PartOf = ({ server, environment: { capabilities } }) =>
  flagRefusals(server, capabilities, server.whose);

function refusalOf(where: string, field: FlaggedField, capabilities: Capabilities): Refusal | undefined {
  const { since = 0, instead } = field;
  if (!hasField(capabilities, field))
    return { problem: `${where}: this Knative has no such field: it takes ${releaseName(since)} or newer` };
  if (isOn(capabilities, field)) return undefined;
  const setting = settingOf(field);
  const patch = patchCommand(setting, capabilities.settingsOwner);
  return {
    problem: `${where}: this cluster does not allow it: ${patch}${instead ? `; or ${instead}` : ''}`,
    settings: [setting],
  };
}

function usesOf({ pod: { volumes = [], ...pod } = {}, container = {} }: PodParts): Use[] {
  const env: readonly Variable[] = container.env ?? [];
  return [
    ...flagged(pod, 'pod.'),
    ...volumes.flatMap((volume) => volumeUses(volume, `pod.volumes[${volume.name}]`)),
    ...env.flatMap(({ name, valueFrom = {} }) =>
      flagged(valueFrom).map(({ field }) => ({ path: `container.env[${name}]`, field })),
    ),
  ];
}

function volumeUses({ name: _, ...source }: Volume, path: string): Use[] {
  const claim = source.persistentVolumeClaim;
  return [
    ...flagged(source).map(({ field }) => ({ path, field })),
    ...(claim && !claim.readOnly ? [{ path, field: podFields.writableClaim }] : []),
  ];
}

/** The fields of an object that take a flag. */
const flagged = (object: object, before = ''): Use[] =>
  Object.entries(object).flatMap(([name, value]) =>
    value !== undefined && isPodField(name) ? [{ path: `${before}${name}`, field: podFields[name] }] : [],
  );
