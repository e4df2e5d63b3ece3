import type { Informer } from '#kube/cache/reflector.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { knativeNamespace } from './names.ts';
import type { ConfigMap } from './objects.ts';
import type { SettingsOwner } from './setting.ts';

/** Gives what the settings of a cluster say now. Objects of a store are frozen, so the same ones are read only once. */
export function capabilitiesReader(settings: readonly Informer<ConfigMap>[]): () => Capabilities {
  let known: readonly ConfigMap[] | undefined;
  let capabilities: Capabilities;
  return () => {
    const found = settings.flatMap(({ store }) => store.list());
    if (found.length !== known?.length || found.some((map, index) => map !== known?.[index])) {
      capabilities = capabilitiesFrom(found);
      known = found;
    }
    return capabilities;
  };
}

/** What a cluster allows and fills in, and where that is kept, as Knative's ConfigMaps say. */
export const capabilitiesFrom = (settings: readonly ConfigMap[]): Capabilities =>
  capabilitiesOf(
    Object.fromEntries(settings.map(({ metadata, data }) => [metadata.name, data])),
    settingsOwnerOf(settings),
    servingVersionOf(settings),
  );

/** A release 1.N of Knative has the version 0.(N + 27) of knative.dev/serving. */
const releaseOffset = 27;

/** The minor version of knative.dev/serving, by the label of its release on the ConfigMaps. */
export function servingVersionOf(settings: readonly ConfigMap[]): number | undefined {
  const labels = settings.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/version'] ?? '');
  const [, major, minor] = labels.map((label) => /^v?([01])\.([0-9]+)/.exec(label)).find(Boolean) ?? [];
  if (minor === undefined) return undefined;
  return major === '0' ? Number(minor) : Number(minor) + releaseOffset;
}

/** How the release is called that has a minor version of knative.dev/serving. */
export const releaseName = (servingVersion: number): string => `1.${servingVersion - releaseOffset}`;

/** The data of one of Knative's ConfigMaps. */
export const dataOf = (settings: readonly ConfigMap[], name: string): Readonly<Record<string, string>> =>
  settings.find(({ metadata }) => metadata.name === name)?.data ?? {};

/** The KnativeServing object that owns the settings, where Knative's operator keeps them. */
export function settingsOwnerOf(settings: readonly ConfigMap[]): SettingsOwner | undefined {
  const owners = settings.flatMap(({ metadata }) => metadata.ownerReferences ?? []);
  const owner = owners.find(({ kind }) => kind === 'KnativeServing');
  return owner && { namespace: knativeNamespace, name: owner.name };
}
