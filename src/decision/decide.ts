import { annotations } from '#api/group.ts';
import { InvalidObjectError } from '#api/schema/parse.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { Environment } from '#synth/environment.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';
import { carriesIntent, synthesize } from '#synth/synthesize.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { leftBehind, nameTaken, ownershipOf } from './ownership.ts';
import { scaleWrites } from './scale.ts';
import { serviceWrites } from './service.ts';
import type { Write } from './write.ts';

/** An InferenceModel as it is stored: nothing of it has been checked. */
export interface StoredModel extends KubernetesObject {
  readonly spec?: unknown;
  readonly status?: object;
}

/** All that a decision depends on. */
export interface Situation {
  readonly model: StoredModel;
  /** The Knative Service that has the name of the model, whoever owns it. */
  readonly service: KnativeServiceObject | undefined;
  /** The Revisions that carry the label of the model. */
  readonly revisions: readonly RevisionObject[];
  /** The Service that was sent last and may have arrived, where the API server's answer was lost. */
  readonly unanswered?: KnativeServiceManifest | undefined;
  readonly environment: Environment;
}

/** What is to be said of a model. */
export type Verdict =
  | { readonly type: 'accepted'; readonly revision: string; readonly updateAvailable: boolean }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly message: string }
  /** Another object must change first; a watch tells when it does. */
  | { readonly type: 'blocked'; readonly reason: 'ServiceLeftBehind'; readonly message: string }
  /** The cached model is older than the one that was acted on: nothing may be said or done. */
  | { readonly type: 'stale' };

/** Why a model is not accepted. */
export type RefusalReason = 'InvalidSpec' | 'NotAllowedByCluster' | 'NameTaken';

export interface Decision {
  /** In the order in which they are to be carried out. */
  readonly writes: readonly Write[];
  readonly verdict: Verdict;
  /** The Service that the model asks for, where one can be made of it, also if nothing is to be written. */
  readonly desired?: KnativeServiceManifest;
}

/**
 * What to do for a model, and what to say of it: the whole behaviour of the operator as a value. It reads no clock and
 * no cluster. The operator carries it out, and `dormouse diff` shows it.
 */
export function decide(situation: Situation): Decision {
  const { model: stored, service, unanswered } = situation;
  const ownership = service && ownershipOf(service, stored);
  if (service && ownership === 'taken') return refuse('NameTaken', nameTaken(service));
  if (service && ownership === 'left-behind')
    return {
      writes: [],
      verdict: { type: 'blocked', reason: 'ServiceLeftBehind', message: leftBehind(service) },
    };
  if (isStale(stored, service ?? unanswered)) return { writes: [], verdict: { type: 'stale' } };
  try {
    return desire(parseInferenceModel(stored), situation);
  } catch (error) {
    if (error instanceof InvalidObjectError) return refuse('InvalidSpec', error.message);
    if (error instanceof UnsupportedError) return refuse('NotAllowedByCluster', error.message);
    throw error;
  }
}

/**
 * Whether the cache of models lags behind what was acted on, as that of a new leader can: its watch of models may be
 * half open while that of Services is alive. Acting on it would bring an older revision back.
 */
function isStale(
  { metadata }: StoredModel,
  service: Pick<KubernetesObject, 'metadata'> | undefined,
): boolean {
  const acted = Number(service?.metadata.annotations?.[annotations.generation] ?? 0);
  return metadata.generation !== undefined && acted > metadata.generation;
}

function desire(
  model: InferenceModel,
  { service, revisions, unanswered, environment }: Omit<Situation, 'model'>,
): Decision {
  const candidates = [unanswered?.spec.template, service?.spec?.template];
  const held = candidates.find((template) => carriesIntent(model, template));
  const revisionNamed = (name: string | undefined) =>
    revisions.find(({ metadata }) => metadata.name === name);
  const live = { template: held, annotations: revisionNamed(held?.metadata?.name)?.metadata.annotations };
  const desired = synthesize(model, environment, live);
  const { name: revision } = desired.spec.template.metadata;
  const running = revisionNamed(revision);
  return {
    writes: [...serviceWrites(model, desired, service), ...(running ? scaleWrites(model, running) : [])],
    verdict: {
      type: 'accepted',
      revision,
      updateAvailable:
        held !== undefined && ![undefined, revision].includes(freshRevision(model, environment)),
    },
    desired,
  };
}

/** The name of the revision that would be made of a model today; unset where none can be made. */
function freshRevision(model: InferenceModel, environment: Environment): string | undefined {
  try {
    return synthesize(model, environment).spec.template.metadata.name;
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

const refuse = (reason: RefusalReason, message: string): Decision => ({
  writes: [],
  verdict: { type: 'refused', reason, message },
});
