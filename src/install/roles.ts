import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { group, inferenceModels, inferenceRuntimes } from '../api/group.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Adds models to what the ClusterRoles `view`, `edit` and `admin` of Kubernetes allow in a namespace. */
export function aggregateRoles(scope: Construct): void {
  aggregated(
    scope,
    'view',
    ['view'],
    [{ apiGroups: [group], resources: [inferenceModels.plural, inferenceRuntimes.plural], verbs: read }],
  );
  aggregated(
    scope,
    'edit',
    ['edit', 'admin'],
    [{ apiGroups: [group], resources: [inferenceModels.plural], verbs: write }],
  );
}

function aggregated(scope: Construct, name: string, into: readonly string[], rules: readonly object[]): void {
  const labels = into.map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']);
  new ApiObject(scope, `aggregated-${name}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `dormouse-${name}`, labels: Object.fromEntries(labels) },
    rules,
  } as never);
}
