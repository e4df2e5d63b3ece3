import type { Quantity } from '#api/schema/quantity.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import type { FoundTemplate } from '#knative/objects.ts';

/** A model that pods fetch as they start, each for itself. */
export interface Download {
  readonly uri: string;
  /** The size that it declares, which it may not exceed. */
  readonly size?: Quantity;
  /** How many pods fetch it. */
  readonly pods: number;
}

/** What a number of new pods fetch. What a container of the user's own fetches is not known. */
export function downloadsOf({ model }: InferenceModelSpec, pods: number): Download[] {
  if (!model || pods === 0) return [];
  return [{ uri: model.uri, ...(model.maxSize !== undefined && { size: model.maxSize }), pods }];
}

interface PodSpec {
  readonly containers?: readonly { readonly image?: string }[];
  readonly initContainers?: readonly { readonly image?: string }[];
}

function imagesOf(template: FoundTemplate | undefined): string[] {
  const { containers = [], initContainers = [] } = (template?.spec ?? {}) as PodSpec;
  return [...initContainers, ...containers].flatMap(({ image }) => image ?? []);
}

/** Images that nothing of this model runs yet. */
export function newImages(before: FoundTemplate | undefined, after: FoundTemplate): string[] {
  const known = new Set(imagesOf(before));
  return [...new Set(imagesOf(after))].filter((image) => !known.has(image));
}
