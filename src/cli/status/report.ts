import type { RevisionStatus, State } from '#api/v1alpha1/status.ts';
import { conditionOf } from '#knative/objects.ts';
import { inspectPods } from '#status/pods.ts';
import { failureIn, serverIn } from '../cluster/model.ts';
import { type Cause, causes } from './cause.ts';
import { hintFor } from './hints.ts';
import type { LogEnd, ModelObjects } from './model-objects.ts';

/** What `dormouse status` shows of a model: what `-o json` prints. */
export interface Report {
  readonly name: string;
  readonly namespace?: string;
  readonly state: State | 'Unknown';
  readonly ready: boolean;
  readonly available: boolean;
  readonly url?: string;
  /** Where the model is reached from within the cluster. */
  readonly address?: string;
  readonly visibility: string;
  readonly server: string;
  readonly uri?: string;
  readonly revisions: readonly RevisionReport[];
  /** Why it is not ready, the root cause first. */
  readonly causes: readonly Cause[];
  /** What the cause means, where that is known. */
  readonly hint?: string;
  /** The end of the log of the container that died. */
  readonly log?: LogEnd;
  /** How often containers of the pods that run were started anew. */
  readonly restarts: number;
  readonly lastRestart?: string;
  readonly scale: ScaleReport;
}

/** Bounds of the revision that serves, as Knative has them. */
export interface ScaleReport {
  readonly minReplicas: number;
  /** Unset for no bound. */
  readonly maxReplicas?: number;
  /** Requests that a pod takes at a time; unset for no bound. */
  readonly containerConcurrency?: number;
}

export interface RevisionReport extends RevisionStatus {
  /** Pods that are wanted now. */
  readonly desired: number;
  readonly state: 'asleep' | 'waking' | 'awake' | 'failed' | 'starting';
}

/** A report of a model, from what was read of it alone. */
export function reportOf(objects: ModelObjects): Report {
  const { model, log, pods } = objects;
  const allCauses = causes(objects);
  const hint = hintFor(
    [...allCauses.map(({ reason, message }) => `${reason} ${message}`), ...(log?.lines ?? [])].join('\n'),
  );
  const { restarts, lastRestart } = inspectPods(pods, { now: Date.now() });
  const { metadata, spec, status = {} } = model;
  return {
    name: metadata.name,
    ...(metadata.namespace && { namespace: metadata.namespace }),
    state: status.state ?? 'Unknown',
    ready: conditionOf(model, 'Ready')?.status === 'True',
    available: conditionOf(model, 'Available')?.status === 'True',
    ...(status.url && { url: status.url }),
    ...(status.address && { address: status.address.url }),
    visibility: spec?.access?.visibility ?? 'ClusterLocal',
    server: serverIn(model),
    ...(spec?.model?.uri && { uri: spec.model.uri }),
    revisions: (status.revisions ?? []).map((revision) => revisionReport(revision, objects)),
    causes: allCauses,
    ...(hint && { hint }),
    ...(log && { log }),
    restarts,
    ...(lastRestart && { lastRestart }),
    scale: scaleReport(objects),
  };
}

/** Of the revision that is given most requests. */
function scaleReport({ model, revisions }: ModelObjects): ScaleReport {
  const [serving] = (model.status?.revisions ?? []).toSorted((one, other) => other.percent - one.percent);
  const live = revisions.find(({ metadata }) => metadata.name === serving?.name);
  const bound = (name: string) =>
    Number(live?.metadata.annotations?.[`autoscaling.knative.dev/${name}`] ?? 0);
  const { containerConcurrency } = (live?.spec ?? {}) as { readonly containerConcurrency?: number };
  const maxReplicas = bound('max-scale');
  return {
    minReplicas: bound('min-scale'),
    ...(maxReplicas > 0 && { maxReplicas }),
    ...(containerConcurrency && { containerConcurrency }),
  };
}

function revisionReport(revision: RevisionStatus, { revisions, model }: ModelObjects): RevisionReport {
  const live = revisions.find(({ metadata }) => metadata.name === revision.name)?.status;
  // The revisions are read after the model, and know better how many pods there are.
  const replicas = live?.actualReplicas ?? revision.replicas;
  const desired = live?.desiredReplicas ?? replicas;
  const unready = failureIn(model) ? 'failed' : 'starting';
  const rested = desired > 0 ? 'waking' : 'asleep';
  const serving = replicas > 0 ? 'awake' : rested;
  return { ...revision, replicas, desired, state: revision.ready ? serving : unready };
}
