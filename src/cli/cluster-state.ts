import { inferenceModels, inferenceRuntimes } from '../api/group.ts';
import { knativeNamespace } from '../api/knative.ts';
import type { InferenceRuntime } from '../api/runtime.ts';
import { catalogue } from '../catalogue.ts';
import { type KubernetesObject, keyOf } from '../kube/objects.ts';
import { type ConfigMap, modelKeys, type StoredModel } from '../reconcilers/resources.ts';
import { runtimesOf } from '../reconcilers/runtimes.ts';
import type { KnativeServiceObject, RevisionObject } from '../status/observed.ts';
import { capabilitiesOf, type Settings } from '../synth/capabilities.ts';
import type { Environment } from '../synth/environment.ts';

/** A Revision, of which the operator reads no spec. */
export interface FoundRevision extends RevisionObject {
  readonly spec?: unknown;
}

/** What there is in a cluster, live or as it was saved: all that the controller would look at. */
export interface ClusterState {
  /** By their keys. */
  readonly models: ReadonlyMap<string, StoredModel>;
  readonly services: ReadonlyMap<string, KnativeServiceObject>;
  /** By the keys of their models. */
  readonly revisions: ReadonlyMap<string, readonly FoundRevision[]>;
  /** Unset where nobody knows which there are. */
  readonly runtimes: readonly InferenceRuntime[] | undefined;
  /** The data of ConfigMaps in Knative's namespace, by their names. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A cluster of which nothing is known. */
export const nothingKnown: ClusterState = {
  models: new Map(),
  services: new Map(),
  revisions: new Map(),
  runtimes: undefined,
  settings: {},
};

/** The objects of a cluster, each taken for what its kind says. What names no namespace is in the one given. */
export function stateOf(objects: readonly KubernetesObject[], namespace: string): ClusterState {
  const of = <T extends KubernetesObject>(kind: string, group: string) =>
    objects
      .filter((object) => object.kind === kind && object.apiVersion?.startsWith(group))
      .map(({ metadata, ...rest }) => ({ ...rest, metadata: { namespace, ...metadata } }) as unknown as T);
  const runtimes = of(inferenceRuntimes.kind, `${inferenceRuntimes.group}/`);
  return {
    models: keyed(of<StoredModel>(inferenceModels.kind, `${inferenceModels.group}/`)),
    services: keyed(of<KnativeServiceObject>('Service', 'serving.knative.dev/')),
    revisions: byModel(of<FoundRevision>('Revision', 'serving.knative.dev/')),
    runtimes: runtimes.length > 0 ? runtimesOf(runtimes) : undefined,
    settings: Object.fromEntries(
      of<ConfigMap>('ConfigMap', 'v1')
        .filter(({ metadata }) => metadata.namespace === knativeNamespace)
        .map(({ metadata, data = {} }) => [metadata.name, data]),
    ),
  };
}

/** What a cluster makes of a model, besides what the operator was told at its start. */
export const environmentOf = ({
  settings,
  runtimes,
}: ClusterState): Pick<Environment, 'capabilities' | 'runtimes'> => ({
  capabilities: capabilitiesOf(settings as Settings),
  runtimes: runtimes ?? catalogue(),
});

export const keyed = <T extends KubernetesObject>(objects: readonly T[]): Map<string, T> =>
  new Map(objects.map((object) => [keyOf(object.metadata), object]));

export const byModel = (revisions: readonly FoundRevision[]): Map<string, FoundRevision[]> =>
  Map.groupBy(revisions, (revision) => modelKeys(revision)[0] ?? '');
