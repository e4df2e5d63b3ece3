import type { GroupVersionResource, NamespacedName } from './objects.ts';

/** The URL path of all objects of a resource, in one namespace or in all. */
export function collectionPath(
  { group, version, plural, namespaced }: GroupVersionResource,
  namespace?: string,
): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  return namespaced && namespace
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${root}/${plural}`;
}

/** @throws if the resource is namespaced and the name has no namespace. */
export function objectPath(resource: GroupVersionResource, { namespace, name }: NamespacedName): string {
  if (resource.namespaced && !namespace) throw new Error(`${resource.plural} "${name}" needs a namespace`);
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}
