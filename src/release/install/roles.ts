import { ApiObject } from 'cdk8s';
import { ClusterRole, ClusterRoleBinding, Group } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { group, inferenceModels, inferenceProfiles, inferenceRuntimes } from '#api/group.ts';
import { resource } from './rights.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/**
 * What people may do: adds models to what the ClusterRoles `view`, `edit` and `admin` of Kubernetes allow in a namespace,
 * and lets all users read the runtimes. These are in no namespace, so that no RoleBinding could grant it; they are a
 * catalogue, in which nothing is secret.
 */
export function aggregateRoles(scope: Construct): void {
  aggregated(
    scope,
    'view',
    ['view'],
    [{ apiGroups: [group], resources: [inferenceModels.plural], verbs: read }],
  );
  aggregated(
    scope,
    'edit',
    ['edit', 'admin'],
    [{ apiGroups: [group], resources: [inferenceModels.plural], verbs: write }],
  );
  predictRole(scope);
  const runtimes = new ClusterRole(scope, 'runtimes-view', { metadata: { name: runtimesView } });
  runtimes.allow(read, resource(group, inferenceRuntimes.plural), resource(group, inferenceProfiles.plural));
  new ClusterRoleBinding(scope, 'runtimes-view-binding', {
    metadata: { name: runtimesView },
    role: runtimes,
  }).addSubjects(Group.fromName(scope, 'users', 'system:authenticated'));
}

/**
 * All that `dormouse predict` takes: in the namespace of a model, to ask it while a pod of it runs; in that of the ingress
 * too, to wake it. An administrator binds it, and nothing here, as a port-forward reaches every port of the pods there.
 */
function predictRole(scope: Construct): void {
  const role = new ClusterRole(scope, 'predict', { metadata: { name: predictName } });
  role.allow(['get'], resource(group, inferenceModels.plural));
  role.allow(['get'], resource('', 'services'));
  role.allow(['list'], resource('discovery.k8s.io', 'endpointslices'));
  role.allow(['list'], resource('', 'pods'));
  role.allow(['get', 'create'], resource('', 'pods/portforward'));
}

/** The ClusterRole of who asks models by `dormouse predict`, and does nothing else. */
export const predictName = 'dormouse-predict';

/** The name of the ClusterRole with which all users read the runtimes, and of its binding. */
export const runtimesView = 'dormouse-runtimes-view';

function aggregated(scope: Construct, name: string, into: readonly string[], rules: readonly object[]): void {
  const labels = into.map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']);
  new ApiObject(scope, `aggregated-${name}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `dormouse-${name}`, labels: Object.fromEntries(labels) },
    rules,
  } as never);
}
