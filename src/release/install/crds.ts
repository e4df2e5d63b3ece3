import { ApiObject, type ApiObjectProps, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { customResourceDefinitions } from '#api/v1alpha1/crd.ts';

/** The CustomResourceDefinitions, below the 256 KiB that a plain `kubectl apply` can hold. */
export class Crds extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const crd of customResourceDefinitions())
      new ApiObject(this, (crd as ApiObjectProps).metadata?.name ?? '', crd as unknown as ApiObjectProps);
  }
}
