import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { apiVersion, inferenceModels } from '#api/group.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';

/** A model to try: one InferenceModel. */
export class Sample extends Chart {
  constructor(scope: Construct, name: string, spec: InferenceModelSpecInput) {
    super(scope, name, { disableResourceNameHashes: true });
    new ApiObject(this, 'model', {
      apiVersion,
      kind: inferenceModels.kind,
      metadata: { name },
      spec,
    } as never);
  }
}

/** MLServer with a scikit-learn classifier of the iris data set; the image is made by the local cluster. */
export const iris: InferenceModelSpecInput = {
  container: { image: 'dev.local/dormouse-iris:1', protocol: 'v2' },
  resources: { requests: { cpu: '100m', memory: '256Mi' } },
  access: { visibility: 'Public' },
};
