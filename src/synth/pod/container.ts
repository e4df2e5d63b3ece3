import { canonical, milliValue } from '#api/schema/quantity.ts';
import type { PodSecurityContext } from '#api/v1alpha1/pod.ts';
import { isHugePages, nativeResources, type Resources } from '#api/v1alpha1/resources.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import type { PartOf } from './part.ts';

/** The `restricted` Pod Security level. */
export const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** What is said of a container wins over what is said of its pod, and that over what must hold where nothing is said. */
export function makeSecurityContext(pod: PodSecurityContext = {}, container: object = {}) {
  const { runAsNonRoot = restricted.runAsNonRoot } = pod;
  return { ...restricted, runAsNonRoot, ...container };
}

/**
 * What a container asks for, with what this Knative would fill in (serving pkg/apis/serving/v1/revision_defaults.go,
 * applyDefault); without it, as of an init container, nothing is filled in.
 */
export function makeResources(resources: Resources | undefined, capabilities?: Capabilities) {
  const { defaults = {} as Partial<Capabilities['defaults']> } = capabilities ?? {};
  const requests = { ...resources?.requests };
  const limits = { ...resources?.limits };
  for (const name of nativeResources) {
    const limit = limits[name] ?? defaults[`revision-${name}-limit`];
    const request = requests[name] ?? defaults[`revision-${name}-request`];
    if (limit !== undefined) limits[name] = limit;
    // A default of the cluster gives way to what the user wrote.
    if (request !== undefined)
      requests[name] = limit !== undefined && milliValue(request) > milliValue(limit) ? limit : request;
  }
  return canonicalResources({ requests, limits });
}

/** Kubernetes takes no container with huge pages that asks for neither CPU nor memory. */
export const hugePagesPart: PartOf = ({ server: { resources, whose }, environment: { capabilities } }) => {
  const made = makeResources(resources, capabilities);
  const names = Object.values(made).flatMap((amounts) => Object.keys(amounts));
  const found = names.find(isHugePages);
  if (!found || names.includes('cpu') || names.includes('memory')) return undefined;
  return {
    problem: `${whose(`resources.limits.${found}`)}: Kubernetes gives huge pages beside CPU or memory alone: write resources.requests.memory, too`,
  };
};

/** Resources in the spelling of Kubernetes. */
const canonicalResources = ({ requests, limits }: Resources) => ({
  ...amounts('requests', requests),
  ...amounts('limits', limits),
});

function amounts(name: string, quantities: Resources['requests'] = {}) {
  const entries = Object.entries(quantities).map(([key, value]) => [key, canonical(value)]);
  return entries.length > 0 ? { [name]: Object.fromEntries(entries) } : {};
}
