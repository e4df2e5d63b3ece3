import { type Client, listAll } from '#kube/client/client.ts';
import {
  crdResource,
  deploymentResource,
  type GroupVersionResource,
  type KubernetesObject,
  keyOf,
  resourceName,
} from '#kube/client/objects.ts';
import { PlainError } from '../action.ts';
import { gone, notCollected, unlessAbsent } from '../cluster/gone.ts';
import { operatorSelector } from '../cluster/installed-operator.ts';
import { findModels } from '../cluster/model.ts';
import { ourCrds } from '../doctor/dormouse.ts';

/** One object of the installation. */
export interface Installed {
  readonly resource: GroupVersionResource;
  readonly object: KubernetesObject;
  /** As `kubectl` names it. */
  readonly title: string;
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
/** What manifests/install.yaml is made of, but for the namespace, in which others may live; rights go last. */
const kinds: readonly GroupVersionResource[] = [
  deploymentResource,
  { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', namespaced: true },
  { group: '', version: 'v1', plural: 'serviceaccounts', namespaced: true },
  { ...rbac, plural: 'rolebindings', namespaced: true },
  { ...rbac, plural: 'roles', namespaced: true },
  { ...rbac, plural: 'clusterrolebindings', namespaced: false },
  { ...rbac, plural: 'clusterroles', namespaced: false },
];

/**
 * All that was installed, in the order in which to delete it.
 * @throws PlainError where Helm has installed it: a release without its objects would be left
 */
export async function findInstallation(client: Client): Promise<Installed[]> {
  const found: Installed[] = [];
  const add = (resource: GroupVersionResource, objects: readonly KubernetesObject[]) => {
    for (const object of objects)
      found.push({ resource, object, title: `${resourceName(resource)} ${keyOf(object.metadata)}` });
  };
  for (const resource of kinds)
    add(resource, await listAll<KubernetesObject>(client, resource, { labelSelector: operatorSelector }));
  const helms = found.find(
    ({ object }) => object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm',
  );
  if (helms)
    throw new PlainError(
      `${helms.title} was installed by Helm: eject the models without --uninstall, and then run "helm uninstall"`,
    );
  const items = await listAll<KubernetesObject>(client, crdResource);
  add(
    crdResource,
    items.filter(({ metadata }) => ourCrds.has(metadata.name)),
  );
  return found;
}

/**
 * Deletes all of it. With a CRD go all models and their Services, also of a model that was applied after those to eject
 * were looked for. So there is a last look before, when the operator's pods are gone and make no Service any more.
 * @throws PlainError where there are models by then, or Kubernetes does not come to end the operator
 */
export async function uninstall(client: Client, installation: readonly Installed[]): Promise<void> {
  const isCrd = ({ resource }: Installed) => resource === crdResource;
  for (const each of installation.filter((each) => !isCrd(each))) await remove(client, each);
  const crds = installation.filter(isCrd);
  if (crds.length > 0) await noModels(client);
  for (const each of crds) await remove(client, each);
}

async function noModels(client: Client): Promise<void> {
  const found = await findModels(client, [], undefined);
  const left = found.filter(({ metadata }) => !metadata.deletionTimestamp);
  if (left.length === 0) return;
  const names = left.map(({ metadata }) => `${metadata.name} in namespace ${metadata.namespace}`).join(', ');
  throw new PlainError(
    `the operator is gone, and the CRDs stay: models were applied meanwhile, and would be deleted with them: ${names}: run the same once more to eject them`,
  );
}

/** Unless another process was faster. */
async function remove(client: Client, { resource, object, title }: Installed): Promise<void> {
  const isOperator = resource === deploymentResource;
  // What is deleted in the foreground is there until its pods are gone.
  const propagationPolicy = isOperator ? 'Foreground' : 'Background';
  await client.delete(resource, object.metadata, { propagationPolicy }).catch(unlessAbsent);
  if (isOperator)
    await gone(client, resource, object, () =>
      notCollected(`${title} is marked as deleted, and its pods have not ended`),
    );
}
