import { annotations, fieldManager } from '#api/group.ts';
import type { StoredModel } from '#decision/decide.ts';
import { ownershipOf } from '#decision/ownership.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** Knative writes who made an object and who changed it last, and refuses the same from every other client. */
const knatives = /^serving\.knative\.dev\/(creator|lastModifier)$/;

/** A Knative Service as it stands, as a manifest for Git: applied to where it came from, it changes nothing. */
export function plainService({ metadata, spec }: KnativeServiceObject): KubernetesObject & { spec: unknown } {
  const { name, namespace, labels, annotations: all = {} } = metadata;
  const kept = Object.entries(all).filter(([key]) => key !== annotations.applied && !knatives.test(key));
  // As on what `render` prints; see synthesize.
  kept.push([annotations.rendered, 'true']);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      annotations: Object.fromEntries(kept),
    },
    spec,
  };
}

/**
 * The merge patch after which nothing of a Service is ours: without our field manager's entry, a tool that applies it
 * from Git can also take a field away. It fails with a conflict if the Service has changed.
 */
export function releasePatch({ metadata }: KnativeServiceObject): object {
  const others = (metadata.managedFields ?? []).filter(({ manager }) => manager !== fieldManager);
  return {
    metadata: {
      resourceVersion: metadata.resourceVersion,
      annotations: { [annotations.applied]: null, [annotations.rendered]: 'true' },
      // An empty list would mean "as it is".
      managedFields: others.length > 0 ? others : [{}],
    },
  };
}

/** Why a model cannot be ejected: there is nothing that could go on running. */
export function whyNot(model: StoredModel, service: KnativeServiceObject | undefined): string | undefined {
  if (service && ownershipOf(service, model) === 'ours') return undefined;
  const { namespace, name } = model.metadata;
  return `InferenceModel ${name} in namespace ${namespace} has no Knative Service of its own that could stay: delete it, or mend it first ("dormouse status ${name} -n ${namespace}" tells why)`;
}
