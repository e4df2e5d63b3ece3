import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** An InferenceModel as the cluster has it, as much of it as is shown; another version may have written it. */
export interface FoundModel extends KubernetesObject {
  readonly spec?: {
    readonly model?: { readonly format?: string; readonly uri?: string };
    readonly container?: { readonly image?: string };
    readonly access?: { readonly visibility?: string };
  };
  readonly status?: InferenceModelStatus;
}

/** What serves a model: the runtime that its revision was made with, or the image of its own server. */
export const serverIn = ({ spec, status }: FoundModel): string =>
  status?.revisions?.find(({ runtime }) => runtime)?.runtime ?? spec?.container?.image ?? '-';

/** Whether the status is not yet, or no longer, about what the model says now. */
export const isUnseen = ({ metadata, status }: FoundModel): boolean =>
  (status?.observedGeneration ?? 0) < (metadata.generation ?? 1);
