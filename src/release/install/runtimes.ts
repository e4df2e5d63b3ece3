import { ApiObject, type ApiObjectProps, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { catalogueManifests } from '#catalogue/catalogue.ts';

/** The built-in InferenceRuntimes. */
export class Runtimes extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const manifest of catalogueManifests() as ApiObjectProps[])
      new ApiObject(this, manifest.metadata?.name ?? '', manifest);
  }
}
