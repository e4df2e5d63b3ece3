import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, type ApiObjectProps, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { inferenceModels } from '#api/group.ts';

const { group, kind } = inferenceModels;

/** What Argo CD must be told to know the health of a model: a key of its own ConfigMap, to add to those it has. */
export class ArgoCd extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const health = readFileSync(join(import.meta.dirname, 'argocd/health.lua'), 'utf8');
    new ApiObject(this, 'settings', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cm', namespace: 'argocd' },
      data: { [`resource.customizations.health.${group}_${kind}`]: health },
    } as ApiObjectProps);
  }
}
