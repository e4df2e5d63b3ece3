import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** An InferenceModel as the API server gives it. */
export interface Model extends KubernetesObject {
  readonly status?: InferenceModelStatus;
}

type Metadata = Partial<InferenceModel['metadata']>;

/** A small valid model, with what a test wants to differ. */
export function model(spec: Partial<InferenceModelSpecInput> = {}, metadata: Metadata = {}): InferenceModel {
  const server = spec.model ? {} : { container: { image: 'registry.example/iris:1' } };
  return parseInferenceModel(manifest({ ...server, ...spec }, { namespace: 'default', ...metadata }));
}

/** The same as it stands in a file. */
export function manifest(
  spec: unknown,
  metadata: object = {},
): Record<string, unknown> & { metadata: { name: string } } {
  return {
    apiVersion: 'dormouse.dev/v1alpha1',
    kind: 'InferenceModel',
    metadata: { name: 'iris', ...metadata },
    spec,
  };
}
