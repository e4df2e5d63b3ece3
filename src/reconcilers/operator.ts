import { annotations, fieldManager } from '../api/group.ts';
import type { Clock } from '../clock.ts';
import type { Client } from '../kube/client.ts';
import { Controller } from '../kube/controller.ts';
import { EventRecorder } from '../kube/events.ts';
import { ownKey } from '../kube/handlers.ts';
import type { Informer } from '../kube/informer.ts';
import type { LeaderElector } from '../kube/leader-election.ts';
import type { Logger } from '../kube/logger.ts';
import { Manager } from '../kube/manager.ts';
import { type KubernetesObject, keyOf } from '../kube/objects.ts';
import type { ControllerObserver } from '../kube/observer.ts';
import type { Lister } from '../kube/store.ts';
import { type Given, InferenceModelReconciler } from './inferencemodel.ts';
import { makeCaches, modelKeys, type StoredModel } from './resources.ts';

export interface OperatorOptions extends Given {
  readonly client: Client;
  readonly clock: Clock;
  /** From 0 up to 1, as Math.random. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Where models are served; in all namespaces if left out. */
  readonly namespaces?: readonly string[] | undefined;
  /** Without it, nobody else may do the same work. */
  readonly leaderElection?: LeaderElector | undefined;
  /** The name of this process in Events, at most 128 characters. */
  readonly instance: string;
  /** Models reconciled at the same time, 10 by default. */
  readonly workers?: number;
  /** Gives the observer of a controller, by its name and workers. */
  readonly observe?: (controller: string, workers: number) => ControllerObserver;
}

/** What a cache of any kind tells of itself. */
export interface ObservedCache
  extends Pick<Informer<KubernetesObject>, 'resource' | 'hasSynced' | 'silentMs'> {
  readonly store: Pick<Lister<unknown>, 'size'>;
}

export interface Operator {
  /** Works until `signal` aborts, and resolves when everything has ended. */
  start(signal: AbortSignal): Promise<void>;
  /** All local copies of what the cluster has. */
  readonly caches: readonly ObservedCache[];
  /** The models among them. */
  readonly models: Lister<StoredModel>;
}

/** The whole operator: what it watches, and what each change makes it reconcile. */
export function makeOperator(options: OperatorOptions): Operator {
  const { client, clock, logger, instance, workers = 10, observe, fetcherImage, allowance } = options;
  const caches = makeCaches(options);
  const events = new EventRecorder({ client, clock, logger, controller: fieldManager, instance });
  const parts = { caches, client, clock, events, fetcherImage, allowance };
  const { reconcile } = new InferenceModelReconciler(parts);
  const name = 'inferencemodel';
  const observer = observe?.(name, workers);
  const controller = new Controller({ ...options, name, reconcile, ...(observer && { observer }) });

  caches.models.onChange((before, after) => {
    if (before && !after) logger.info({ key: keyOf(before.metadata) }, 'the model was deleted');
    if (after && !(before && asksTheSame(before, after))) controller.enqueue(keyOf(after.metadata));
  });
  // A Service has the name of its model, also one that is not ours and stands in the way.
  controller.watch(caches.services, ownKey);
  controller.watch(caches.revisions, modelKeys);
  controller.watch(caches.pods, modelKeys);
  const { models, runtimes, services, revisions, pods, settings } = caches;
  for (const shared of [runtimes, ...settings])
    shared.onChange(() => {
      for (const { metadata } of models.store.list()) controller.enqueue(keyOf(metadata));
    });

  const all = [models, runtimes, services, revisions, pods, ...settings];
  const { leaderElection } = options;
  const manager = new Manager({ caches: all, controllers: [controller], logger, leaderElection });
  return {
    start: (signal) => manager.start(signal).finally(() => events.close()),
    caches: all,
    models: models.store,
  };
}

/** Whether only the status changed, which is our own writing. */
function asksTheSame(before: StoredModel, after: StoredModel): boolean {
  const refresh = ({ metadata }: StoredModel) => metadata.annotations?.[annotations.refresh];
  return (
    before.metadata.uid === after.metadata.uid &&
    before.metadata.generation === after.metadata.generation &&
    before.metadata.deletionTimestamp === after.metadata.deletionTimestamp &&
    refresh(before) === refresh(after)
  );
}
