import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { ProblemsError } from '#base/problems.ts';
import type { FoundTemplate } from '#knative/objects.ts';
import { warningsOf } from '#synth/checks.ts';
import type { Environment } from '#synth/environment.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';
import { synthesize } from '#synth/synthesize.ts';
import { type Amounts, none, podRequests, queueProxyRequests, times } from './amounts.ts';
import { annotationsOf, boundsChanges } from './bounds.ts';
import { type Change, changesOf } from './changes.ts';
import { type Download, downloadsOf, newImages } from './downloads.ts';
import type { LiveModel } from './live-model.ts';
import { podsOf, podsStarting, requestedBy } from './pods.ts';
import { labelChanges, refreshChanges, templateChanges } from './service-changes.ts';

/** What happens to a model, by its weightiest part. */
export type Kind = 'new' | 'revision' | 'scale' | 'service' | 'unchanged' | 'gone' | 'refused';

/** What applying one model would do. */
export interface ModelDiff {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly kind: Kind;
  /** The revision that would run, and the one that is live. */
  readonly revision?: string | undefined;
  readonly live?: string | undefined;
  /** What makes a new revision: fields of the template. */
  readonly template: readonly Change[];
  /** Bounds that the controller brings to the live revision. */
  readonly scale: readonly Change[];
  /** Whether there are such bounds and no controller: only `kubectl annotate` brings them there. */
  readonly scaleByHand: boolean;
  /** Labels and traffic of the Service, which restart nothing. */
  readonly service: readonly Change[];
  /** What `dormouse.dev/refresh` would bring to a revision that is held. */
  readonly refresh: readonly Change[];
  /** Pods that run now and end; unset where their number is not known. */
  readonly podsEnding?: number | undefined;
  /** Pods that start without a request. */
  readonly podsStarting: number;
  /** What is requested now, unset where that is not known, and what comes on top of it while both run. */
  readonly requested?: Amounts | undefined;
  readonly requestedMore: Amounts;
  readonly images: readonly string[];
  readonly downloads: readonly Download[];
  /** What its owner may regret, and the cluster runs. */
  readonly warnings: readonly string[];
  /** Why the cluster would not run it. */
  readonly problems: readonly string[];
}

const nothing = {
  template: [],
  scale: [],
  scaleByHand: false,
  service: [],
  refresh: [],
  podsEnding: 0,
  podsStarting: 0,
  requestedMore: none,
  images: [],
  downloads: [],
  warnings: [],
  problems: [],
} as const;

/** What it would do to apply this model where that runs. */
export function diffModel(
  { metadata, ...model }: InferenceModel,
  environment: Environment,
  current: LiveModel,
): ModelDiff {
  const { uid, template } = current;
  const object = { ...model, metadata: { ...metadata, ...(uid !== undefined && { uid }) } };
  try {
    const annotations = annotationsOf(template?.metadata?.name, current);
    const desired = synthesize(object, environment, { template, annotations });
    return { ...identity(metadata), ...consequences(object, desired, environment, current) };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return refusedModel(metadata, error.problems, template);
  }
}

type Named = Pick<InferenceModel['metadata'], 'name' | 'namespace'>;
const identity = ({ name, namespace }: Named) => ({ name, namespace });

/** A model that the cluster would not take; what runs of it goes on. */
export const refusedModel = (
  metadata: Named,
  problems: readonly string[],
  template?: FoundTemplate,
): ModelDiff => ({
  ...nothing,
  ...identity(metadata),
  kind: 'refused',
  live: template?.metadata?.name,
  problems,
});

/** A model that is taken away, with its Service. */
export function goneModel(metadata: Named, { capabilities }: Environment, current: LiveModel): ModelDiff {
  return {
    ...nothing,
    ...identity(metadata),
    kind: 'gone',
    live: current.template?.metadata?.name,
    podsEnding: podsOf(current),
    requested: requestedBy(current, capabilities),
  };
}

function consequences(
  model: InferenceModel,
  desired: KnativeServiceManifest,
  environment: Environment,
  current: LiveModel,
): Omit<ModelDiff, 'name' | 'namespace'> {
  const { template: live } = current;
  const { template } = desired.spec;
  const revision = template.metadata.name;
  const isHeld = live?.metadata?.name === revision;
  const requested = requestedBy(current, environment.capabilities);
  const scale = boundsChanges(model.spec, revision, current);
  const scaleByHand = scale.length > 0 && current.uid === undefined;
  const starting = podsStarting(model, revision, environment, current, scaleByHand ? [] : scale);
  const queueProxy = queueProxyRequests(environment.capabilities, template.metadata.annotations);
  const started = {
    podsStarting: starting,
    requestedMore: times(podRequests(template.spec, queueProxy), starting),
    downloads: downloadsOf(model.spec, starting),
  };
  const common = {
    ...nothing,
    revision,
    live: live?.metadata?.name,
    requested,
    ...started,
    warnings: warningsOf(model),
  };
  if (!live) return { ...common, kind: 'new', requested: none, images: newImages(undefined, template) };
  const labels = labelChanges(desired, current);
  if (!isHeld)
    return {
      ...common,
      kind: 'revision',
      template: templateChanges(live, template),
      scale,
      scaleByHand,
      service: labels,
      podsEnding: podsOf(current, revision),
      images: newImages(live, template),
    };
  const service = [...labels, ...changesOf(current.traffic, desired.spec.traffic, 'spec.traffic')];
  return {
    ...common,
    kind: scale.length > 0 ? 'scale' : service.length > 0 ? 'service' : 'unchanged',
    scale,
    scaleByHand,
    service,
    refresh: refreshChanges(model, environment, live),
  };
}
