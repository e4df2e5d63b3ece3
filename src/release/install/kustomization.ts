import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** The folder as a resource of kustomize: all its other charts. */
export class Kustomization extends Chart {
  constructor(scope: Construct, id: string, charts: readonly Chart[]) {
    super(scope, id);
    new ApiObject(this, 'kustomization', {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      metadata: { name: 'dormouse' },
      resources: charts.map(({ node }) => `${node.id}.yaml`),
    });
  }
}
