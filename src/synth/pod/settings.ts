import type { Quantity } from '#api/schema/quantity.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';

type Texts = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

/** What runtimes, profiles and models say of their pods. */
export interface PodSettings {
  readonly labels?: Texts | undefined;
  readonly annotations?: Texts | undefined;
  readonly nodeSelector?: Texts | undefined;
  readonly tolerations?: readonly Fields[] | undefined;
  readonly affinity?: Fields | undefined;
  readonly topologySpreadConstraints?: readonly Fields[] | undefined;
  readonly runtimeClassName?: string | undefined;
  readonly priorityClassName?: string | undefined;
  readonly schedulerName?: string | undefined;
  readonly volumes?: readonly Volume[] | undefined;
  readonly serviceAccountName?: string | undefined;
  readonly automountServiceAccountToken?: boolean | undefined;
  readonly imagePullSecrets?: readonly { readonly name: string }[] | undefined;
  readonly securityContext?: PodSecurityContext | undefined;
  readonly queueProxy?: { readonly resources?: Resources | undefined } | undefined;
}

export interface PodSecurityContext {
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  readonly runAsNonRoot?: boolean | undefined;
  readonly fsGroup?: number | undefined;
  readonly supplementalGroups?: readonly number[] | undefined;
}

export interface Volume {
  readonly name: string;
  readonly secret?: Fields | undefined;
  readonly configMap?: Fields | undefined;
  readonly projected?: Fields | undefined;
  readonly emptyDir?:
    | { readonly medium?: string | undefined; readonly sizeLimit?: Quantity | undefined }
    | undefined;
  readonly persistentVolumeClaim?:
    | { readonly claimName: string; readonly readOnly?: boolean | undefined }
    | undefined;
  readonly image?: Fields | undefined;
  readonly ephemeral?: Fields | undefined;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

/** Times in seconds. */
export interface Probe {
  readonly http?: { readonly path: string; readonly port?: number | undefined } | undefined;
  readonly tcp?: { readonly port?: number | undefined } | undefined;
  readonly grpc?: { readonly port?: number | undefined; readonly service?: string | undefined } | undefined;
  readonly exec?: { readonly command: readonly string[] } | undefined;
  readonly period?: number | undefined;
  readonly timeout?: number | undefined;
  readonly initialDelay?: number | undefined;
  readonly failureThreshold?: number | undefined;
  readonly successThreshold?: number | undefined;
}

export interface Variable {
  readonly name: string;
  readonly value?: string | undefined;
  readonly valueFrom?:
    | {
        readonly secretKeyRef?: Fields | undefined;
        readonly configMapKeyRef?: Fields | undefined;
        readonly fieldRef?: Fields | undefined;
        readonly resourceFieldRef?:
          | { readonly resource: string; readonly divisor?: Quantity | undefined }
          | undefined;
      }
    | undefined;
}
