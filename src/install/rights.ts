import {
  ClusterRole,
  ClusterRoleBinding,
  type IApiEndpoint,
  type IApiResource,
  type ISubject,
  Role,
  RoleBinding,
} from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { group, inferenceModels, inferenceRuntimes } from '../api/group.ts';
import { knativeNamespace, settingsConfigMaps } from '../api/knative.ts';

const { plural } = inferenceModels;
function resource(
  apiGroup: string,
  resourceType: string,
  resourceName?: string,
): IApiResource & IApiEndpoint {
  const self = {
    apiGroup,
    resourceType,
    ...(resourceName && { resourceName }),
    asApiResource: () => self,
    asNonApiResource: () => undefined,
  };
  return self;
}

/** Everything that the operator may do. Each right is one that it uses; none of them reads a Secret. */
export function grantRights(scope: Construct, operator: ISubject): void {
  const everywhere = new ClusterRole(scope, 'rights', { metadata: { name: 'dormouse' } });
  everywhere.allow(['list', 'watch'], resource(group, plural), resource(group, inferenceRuntimes.plural));
  everywhere.allow(['patch'], resource(group, `${plural}/status`));
  // Where a cluster enforces OwnerReferencesPermissionEnforcement, owning a child takes this right.
  everywhere.allow(['update'], resource(group, `${plural}/finalizers`));
  // A server-side apply that makes the object takes `create` too.
  everywhere.allow(['list', 'watch', 'create', 'patch'], resource('serving.knative.dev', 'services'));
  everywhere.allow(['list', 'watch', 'patch'], resource('serving.knative.dev', 'revisions'));
  everywhere.allow(['list', 'watch'], resource('', 'pods'));
  everywhere.allow(['create', 'patch'], resource('events.k8s.io', 'events'));
  new ClusterRoleBinding(scope, 'rights-binding', {
    metadata: { name: 'dormouse' },
    role: everywhere,
  }).addSubjects(operator);

  const settings = new Role(scope, 'settings', {
    metadata: { name: 'dormouse', namespace: knativeNamespace },
  });
  settings.allow(['list', 'watch'], ...settingsConfigMaps.map((name) => resource('', 'configmaps', name)));
  new RoleBinding(scope, 'settings-binding', {
    metadata: { name: 'dormouse', namespace: knativeNamespace },
    role: settings,
  }).addSubjects(operator);
}
