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
import { group, inferenceModels, inferenceProfiles, inferenceRuntimes } from '#api/group.ts';
import { knativeNamespace, settingsConfigMaps } from '#knative/names.ts';

const { plural } = inferenceModels;
/** As the operator's configuration has it by default. */
const leaseName = 'dormouse';
export function resource(apiGroup: string, resourceType: string, resourceName?: string): Right {
  const self = {
    apiGroup,
    resourceType,
    ...(resourceName && { resourceName }),
    asApiResource: () => self,
    asNonApiResource: () => undefined,
  };
  return self;
}

export interface Grant {
  /** Where the operator runs and holds its Lease. */
  readonly home: string;
  readonly operator: ISubject;
  /** Where it serves models; everywhere if left out. */
  readonly namespaces?: readonly string[] | undefined;
}

/** Beginning of the names of rights: two operators do not share them, as no namespace has a colon in its name. */
export const rightsName = (home: string): string => `dormouse:${home}`;

type Right = IApiResource & IApiEndpoint;
interface RoleLike {
  allow(verbs: string[], ...rights: Right[]): void;
}

/** Everything that the operator may do. Each right is one that it uses; none of them reads a Secret. */
export function grantRights(scope: Construct, { home, operator, namespaces }: Grant): void {
  const name = rightsName(home);
  const everywhere = new ClusterRole(scope, 'rights', { metadata: { name } });
  everywhere.allow(
    ['list', 'watch'],
    resource(group, inferenceRuntimes.plural),
    resource(group, inferenceProfiles.plural),
  );
  if (!namespaces) allowModels(everywhere);
  new ClusterRoleBinding(scope, 'rights-binding', {
    metadata: { name },
    role: everywhere,
  }).addSubjects(operator);

  const inNamespace = (namespace: string, purpose: string, allow: (role: RoleLike) => void): void => {
    const metadata = { name: `${name}:${purpose}`, namespace };
    const id = `${purpose}-${namespace}`;
    const role = new Role(scope, id, { metadata });
    allow(role);
    new RoleBinding(scope, `${id}-binding`, { metadata, role }).addSubjects(operator);
  };
  for (const namespace of namespaces ?? []) inNamespace(namespace, 'models', allowModels);
  inNamespace(knativeNamespace, 'settings', (role) =>
    role.allow(['list', 'watch'], ...settingsConfigMaps.map((name) => resource('', 'configmaps', name))),
  );
  inNamespace(home, 'lease', (role) => {
    // What is yet to be made has no name that a Role could go by.
    role.allow(['create'], resource('coordination.k8s.io', 'leases'));
    role.allow(['get', 'patch'], resource('coordination.k8s.io', 'leases', leaseName));
  });
}

function allowModels(role: RoleLike): void {
  role.allow(['list', 'watch'], resource(group, plural));
  role.allow(['patch'], resource(group, `${plural}/status`));
  // Where a cluster enforces OwnerReferencesPermissionEnforcement, owning a child takes this right.
  role.allow(['update'], resource(group, `${plural}/finalizers`));
  // A server-side apply that makes the object takes `create` too.
  role.allow(['list', 'watch', 'create', 'patch'], resource('serving.knative.dev', 'services'));
  role.allow(['list', 'watch', 'patch'], resource('serving.knative.dev', 'revisions'));
  role.allow(['list', 'watch'], resource('', 'pods'));
  role.allow(['create', 'patch'], resource('events.k8s.io', 'events'));
}
