import { crdResource, deploymentResource } from '../../kube/builtin.ts';
import type { Client } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import { type GroupVersionResource, type KubernetesObject, keyOf, resourceName } from '../../kube/objects.ts';
import { ourCrds } from '../doctor/dormouse.ts';
import { PlainError } from '../errors.ts';
import { operatorSelector } from '../installed-operator.ts';

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
    add(resource, (await client.list<KubernetesObject>(resource, { labelSelector: operatorSelector })).items);
  const helms = found.find(
    ({ object }) => object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm',
  );
  if (helms)
    throw new PlainError(
      `${helms.title} was installed by Helm: eject the models without --uninstall, and then run "helm uninstall"`,
    );
  const { items } = await client.list<KubernetesObject>(crdResource);
  add(
    crdResource,
    items.filter(({ metadata }) => ourCrds.has(metadata.name)),
  );
  return found;
}

/** Deletes it, unless somebody was faster. */
export async function remove(client: Client, { resource, object }: Installed): Promise<void> {
  try {
    await client.delete(resource, object.metadata, { propagationPolicy: 'Background' });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
