import type { GroupVersionResource } from './objects.ts';

const core = { group: '', version: 'v1', namespaced: true };

// Resources that Kubernetes itself has.
export const configMapResource: GroupVersionResource = { ...core, plural: 'configmaps' };
export const podResource: GroupVersionResource = { ...core, plural: 'pods' };
export const coreServiceResource: GroupVersionResource = { ...core, plural: 'services' };
export const deploymentResource: GroupVersionResource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  namespaced: true,
};
export const crdResource: GroupVersionResource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
export const endpointSliceResource: GroupVersionResource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  namespaced: true,
};
