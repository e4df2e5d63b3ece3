import type { RevisionStatus, State } from '#api/v1alpha1/status.ts';
import { conditionOf } from '#knative/objects.ts';
import { serverIn } from '../cluster/model.ts';
import { type Cause, causes } from './cause.ts';
import type { ModelObjects } from './model-objects.ts';

/** What `dormouse status` tells of a model: what `-o json` prints. */
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
}

export interface RevisionReport extends RevisionStatus {
  /** Pods that are wanted now. */
  readonly desired: number;
  readonly state: 'asleep' | 'waking' | 'awake' | 'failed' | 'starting';
}

/** A report of a model, from what was read of it alone. */
export function reportOf(world: ModelObjects): Report {
  const { model } = world;
  const { metadata, spec, status = {} } = model;
  return {
    name: metadata.name,
    ...(metadata.namespace && { namespace: metadata.namespace }),
    state: status.state ?? 'Unknown',
    ready: conditionOf(model, 'Ready')?.status === 'True',
    available: conditionOf(model, 'Available')?.status === 'True',
    ...(status.url && { url: status.url }),
    ...(status.address && { address: status.address.url }),
    visibility: spec?.access?.visibility ?? 'cluster',
    server: serverIn(model),
    ...(spec?.model?.uri && { uri: spec.model.uri }),
    revisions: (status.revisions ?? []).map((revision) => revisionReport(revision, world)),
    causes: causes(world),
  };
}

function revisionReport(revision: RevisionStatus, { revisions, model }: ModelObjects): RevisionReport {
  const live = revisions.find(({ metadata }) => metadata.name === revision.name)?.status;
  // The revisions are read after the model, and know better how many pods there are.
  const replicas = live?.actualReplicas ?? revision.replicas;
  const desired = live?.desiredReplicas ?? replicas;
  const stalled = conditionOf(model, 'Stalled')?.status === 'True';
  const unready = stalled ? 'failed' : 'starting';
  const rested = desired > 0 ? 'waking' : 'asleep';
  const serving = replicas > 0 ? 'awake' : rested;
  return { ...revision, replicas, desired, state: revision.ready ? serving : unready };
}
