import { inferenceModels, inferenceProfiles, inferenceRuntimes } from '#api/group.ts';
import type { InferenceProfile } from '#api/v1alpha1/profile.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { StoredModel } from '#decision/decide.ts';
import { owningModel } from '#decision/ownership.ts';
import { knativeNamespace } from '#knative/names.ts';
import type { ConfigMap, KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import { type KubernetesObject, keyOf } from '#kube/client/objects.ts';
import { modelKeys } from '#operator/resources.ts';
import { profilesOf, runtimesOf } from '#operator/runtimes.ts';
import {
  type DeploymentObject,
  type InstalledOperator,
  installedOperator,
  isOperator,
} from './installed-operator.ts';

/** A Revision, of which the operator reads no spec. */
export interface FoundRevision extends RevisionObject {
  readonly spec?: unknown;
}

/** What is in no namespace of models, and not for everybody to read. */
export type Hidden = 'settings' | 'runtimes' | 'operators';

/** What there is in a cluster, live or as it was saved: all that the controller would look at. */
export interface ClusterState {
  /** By their keys. */
  readonly models: ReadonlyMap<string, StoredModel>;
  readonly services: ReadonlyMap<string, KnativeServiceObject>;
  /** By the keys of their models. */
  readonly revisions: ReadonlyMap<string, readonly FoundRevision[]>;
  /** Unset where it is not known which there are. */
  readonly runtimes: readonly InferenceRuntime[] | undefined;
  readonly profiles: readonly InferenceProfile[];
  /** The ConfigMaps in Knative's namespace. */
  readonly settings: readonly ConfigMap[];
  readonly operators: readonly InstalledOperator[];
  /** What is there and cannot be read. */
  readonly hidden: readonly Hidden[];
}

/** A cluster of which nothing is known. */
export const nothingKnown: ClusterState = {
  models: new Map(),
  services: new Map(),
  revisions: new Map(),
  runtimes: undefined,
  profiles: [],
  settings: [],
  operators: [],
  hidden: [],
};

/** The objects of a cluster, each taken for what its kind says. What names no namespace is in the one given. */
export function stateOf(objects: readonly KubernetesObject[], namespace: string): ClusterState {
  const of = <T extends KubernetesObject>(kind: string, group: string) =>
    objects
      .filter((object) => object.kind === kind && object.apiVersion?.startsWith(group))
      .map(({ metadata, ...rest }) => ({ ...rest, metadata: { namespace, ...metadata } }) as unknown as T);
  const runtimes = of(inferenceRuntimes.kind, `${inferenceRuntimes.group}/`);
  const services = of<KnativeServiceObject>('Service', 'serving.knative.dev/');
  const operators = of<DeploymentObject>('Deployment', 'apps/').filter(isOperator);
  return {
    models: keyed(of<StoredModel>(inferenceModels.kind, `${inferenceModels.group}/`)),
    services: keyed(services),
    revisions: byModel(of<FoundRevision>('Revision', 'serving.knative.dev/')),
    runtimes: runtimes.length > 0 ? runtimesOf(runtimes) : undefined,
    profiles: profilesOf(of(inferenceProfiles.kind, `${inferenceProfiles.group}/`)),
    settings: of<ConfigMap>('ConfigMap', 'v1').filter(
      ({ metadata }) => metadata.namespace === knativeNamespace,
    ),
    operators: operators.map(installedOperator),
    // Some operator has made them.
    hidden: operators.length === 0 && services.some(owningModel) ? ['operators'] : [],
  };
}

export const keyed = <T extends KubernetesObject>(objects: readonly T[]): Map<string, T> =>
  new Map(objects.map((object) => [keyOf(object.metadata), object]));

export const byModel = (revisions: readonly FoundRevision[]): Map<string, FoundRevision[]> =>
  Map.groupBy(revisions, (revision) => modelKeys(revision)[0] ?? '');
