import type { InferenceModel } from '../../src/api/inferencemodel.ts';
import type { InferenceModelSpec } from '../../src/api/spec.ts';

type Metadata = Partial<InferenceModel['metadata']>;

/** A small valid model, with what a test wants to differ. */
export function model(spec: Partial<InferenceModelSpec> = {}, metadata: Metadata = {}): InferenceModel {
  return {
    metadata: { name: 'iris', namespace: 'default', ...metadata },
    spec: { container: { image: 'registry.example/iris:1' }, ...spec },
  };
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
