import type { Condition, GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';

const serving = { group: 'serving.knative.dev', version: 'v1', namespaced: true };
export const serviceResource: GroupVersionResource = { ...serving, plural: 'services' };
export const revisionResource: GroupVersionResource = { ...serving, plural: 'revisions' };

/** One of the ConfigMaps that hold Knative's settings. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** The template of a Knative Service as it is found in a cluster: any client may have changed it. */
export interface FoundTemplate {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A condition of Knative, which leaves out what it has no word for. */
export type KnativeCondition = Pick<Condition, 'type' | 'status'> & Partial<Condition>;

/** What the operator reads of a Knative Service. */
export interface KnativeServiceObject extends KubernetesObject {
  readonly spec?: { readonly template?: FoundTemplate; readonly traffic?: readonly unknown[] };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly url?: string;
    readonly address?: { readonly url?: string };
    readonly traffic?: readonly { readonly revisionName?: string; readonly percent?: number }[];
    readonly conditions?: readonly KnativeCondition[];
  };
}

/** What the operator reads of a Knative Revision. */
export interface RevisionObject extends KubernetesObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly actualReplicas?: number;
    readonly desiredReplicas?: number;
    readonly containerStatuses?: readonly { readonly name?: string; readonly imageDigest?: string }[];
    readonly conditions?: readonly KnativeCondition[];
  };
}

/** What the operator reads of a pod. */
export interface PodObject extends KubernetesObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly KnativeCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly running?: { readonly startedAt?: string };
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode: number };
}

/** Everything in the cluster that belongs to one model. */
export interface Observed {
  readonly service: KnativeServiceObject | undefined;
  readonly revisions: readonly RevisionObject[];
  readonly pods: readonly PodObject[];
}

/** The condition of a type, of any object that has conditions as Kubernetes has them. */
export function conditionOf<C extends { readonly type: string }>(
  object: { readonly status?: { readonly conditions?: readonly C[] | undefined } | undefined } | undefined,
  type: C['type'],
): C | undefined {
  return object?.status?.conditions?.find((condition) => condition.type === type);
}
