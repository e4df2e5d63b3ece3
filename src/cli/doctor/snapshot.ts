import type { ConfigMap, PodObject } from '#knative/objects.ts';
import { isForbidden, isNotFound } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { DeploymentObject } from '../cluster/installed-operator.ts';
import type { EndpointSliceObject } from '../predict/gateway.ts';

/** What came of reading something: it, that it is not there, or why it may not be seen. */
export type Seen<T> =
  | { readonly state: 'found'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'hidden'; readonly why: string };

/** @throws what is neither an answer nor a refusal */
export async function see<T>(reading: Promise<T>): Promise<Seen<T>> {
  try {
    return { state: 'found', value: await reading };
  } catch (error) {
    if (isNotFound(error)) return { state: 'absent' };
    if (isForbidden(error)) return { state: 'hidden', why: error.message };
    throw error;
  }
}

export const valueIn = <T>(seen: Seen<T>): T | undefined => (seen.state === 'found' ? seen.value : undefined);

export interface CrdObject extends KubernetesObject {
  readonly spec?: {
    readonly versions?: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema?: { readonly openAPIV3Schema?: unknown };
    }[];
  };
}

/** What the caller may do, as the API server says. */
export interface Right {
  /** For people: "make models in namespace default". */
  readonly purpose: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly allowed: boolean;
}

/** Everything that the checks look at: a cluster at one moment, as its caller sees it. */
export interface Snapshot {
  /** Such as v1.34.1. */
  readonly kubernetes: string;
  /** Of what names none. */
  readonly namespace: string;
  /** CRDs by their names: ours, and that of the Knative Service. */
  readonly crds: Readonly<Record<string, Seen<CrdObject>>>;
  /** The programs of Knative. */
  readonly knative: Seen<readonly DeploymentObject[]>;
  readonly settings: Seen<readonly ConfigMap[]>;
  /** What stands behind the gateway of the ingress; unset for a class that is not known. */
  readonly gateway: Seen<readonly EndpointSliceObject[]> | undefined;
  /** A host name as a public model would get it, and whether it resolves here. */
  readonly host: { readonly name: string; readonly resolves: boolean };
  readonly operators: Seen<readonly DeploymentObject[]>;
  readonly operatorPods: Seen<readonly PodObject[]>;
  readonly runtimes: Seen<readonly KubernetesObject[]>;
  readonly profiles: Seen<readonly KubernetesObject[]>;
  /** Pods of all models. */
  readonly pods: Seen<readonly PodObject[]>;
  readonly rights: readonly Right[];
}
