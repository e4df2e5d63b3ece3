import { knativeNamespace } from './names.ts';

/** A key of one of Knative's ConfigMaps, and what it should say. */
export interface Setting {
  readonly configMap: `config-${string}`;
  readonly key: string;
  readonly value: string;
}

/** The object of Knative's operator that writes the ConfigMaps: what is changed in them alone is taken back. */
export interface SettingsOwner {
  readonly namespace: string;
  readonly name: string;
}

/** A JSON merge patch, and the object to send it to. */
export interface SettingPatch {
  readonly kind: 'ConfigMap' | 'KnativeServing';
  readonly namespace: string;
  readonly name: string;
  readonly patch: object;
}

/** Changes a setting where it is kept: in the ConfigMap, or in the KnativeServing object that it is written from. */
export function patchOf({ configMap, key, value }: Setting, owner?: SettingsOwner): SettingPatch {
  if (!owner)
    return {
      kind: 'ConfigMap',
      namespace: knativeNamespace,
      name: configMap,
      patch: { data: { [key]: value } },
    };
  const patch = { spec: { config: { [sectionOf(configMap)]: { [key]: value } } } };
  return { kind: 'KnativeServing', ...owner, patch };
}

/** The part of a KnativeServing object from which a ConfigMap is written. */
const sectionOf = (configMap: Setting['configMap']) => configMap.replace(/^config-/, '');

/** Where it is changed, in words. */
export function placeOf(configMap: Setting['configMap'], key: string, owner?: SettingsOwner): string {
  if (!owner) return `${key} in ConfigMap ${knativeNamespace}/${configMap}`;
  return `${key} in spec.config.${sectionOf(configMap)} of KnativeServing ${owner.namespace}/${owner.name}`;
}

/** The same as {@link patchOf} as a command for the prompt. */
export function patchCommand(setting: Setting, owner?: SettingsOwner): string {
  const { kind, namespace, name, patch } = patchOf(setting, owner);
  return `kubectl patch ${kind.toLowerCase()} ${name} -n ${namespace} --type merge -p '${JSON.stringify(patch)}'`;
}
