import { annotations, fieldManager, labels } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { contentHash } from '#base/hash.ts';
import type { Environment } from './environment.ts';
import { intentOf } from './intent.ts';
import { hugePagesPart } from './pod/container.ts';
import { deliveryPart } from './pod/delivery.ts';
import { flagsPart } from './pod/flags.ts';
import { identityPart } from './pod/identity.ts';
import { metadataPart, queueProxyPart } from './pod/metadata.ts';
import { assemble, type PartOf } from './pod/part.ts';
import { livenessPart } from './pod/probes.ts';
import { schedulingPart } from './pod/scheduling.ts';
import { serverPart } from './pod/server.ts';
import { volumesPart } from './pod/volumes.ts';
import { fullName } from './runtime.ts';
import { fixedScaleAnnotations, liveScaleAnnotations } from './scaling.ts';
import { mergedServer } from './server.ts';
import { deadlineAnnotation, makeTimeouts } from './timeouts.ts';

/** The template of a Knative Service, named by its content. */
export interface Template {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The labels of everything that belongs to a model. */
export const modelLabels = (name: string): Record<string, string> => ({
  [labels.managedBy]: fieldManager,
  [labels.name]: name,
  [labels.model]: name,
});

/** The name of the revision that runs this content: the same content always has the same name. */
export const revisionName = (model: string, content: unknown) => `${model}-${contentHash(content)}`;

/** Whether a revision was named by {@link revisionName}, and not by hand. */
export const isRevisionName = (model: string, name: string) =>
  name.startsWith(`${model}-`) && /^[a-z2-7]{10}$/.test(name.slice(model.length + 1));

/** All that a pod of a model is made from, in the order in which it is put together. */
const podParts: readonly PartOf[] = [
  serverPart,
  flagsPart,
  hugePagesPart,
  livenessPart,
  volumesPart,
  deliveryPart,
  identityPart,
  metadataPart,
  queueProxyPart,
  schedulingPart,
];

/**
 * The template of a model, with every field that Knative's webhook would fill in: under an unchanged name it fills in
 * nothing, and an apply that leaves such a field out is refused.
 */
export function makeTemplate(model: InferenceModel, environment: Environment): Template {
  const { name } = model.metadata;
  const { spec } = model;
  const { capabilities } = environment;
  const server = mergedServer(model, environment);
  const pod = assemble(podParts, { model, server, environment });
  const metadata = {
    labels: { ...pod.labels, ...modelLabels(name) },
    annotations: {
      ...pod.annotations,
      [annotations.intent]: intentOf(model),
      ...(server.runtime && { [annotations.runtime]: fullName(server.runtime) }),
      ...(server.profile && { [annotations.profile]: server.profile.name }),
      ...deadlineAnnotation(model, server, capabilities),
      ...fixedScaleAnnotations(spec),
    },
  };
  const revisionSpec = {
    containerConcurrency: spec.scale?.containerConcurrency ?? capabilities.defaults['container-concurrency'],
    ...makeTimeouts(model, capabilities),
    enableServiceLinks: false,
    ...pod.spec,
  };
  // What changes on a live Revision is no part of its name: going back finds the old one, whatever its bounds are now.
  // Knative compares the spec alone before it takes a Revision of that name up again (serving
  // pkg/reconciler/configuration/configuration.go, CheckNameAvailability).
  const revision = revisionName(name, { metadata, spec: revisionSpec });
  return {
    metadata: {
      name: revision,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, ...liveScaleAnnotations(spec) },
    },
    spec: revisionSpec,
  };
}
