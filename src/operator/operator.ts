import { fieldManager } from '#api/group.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { StoredModel } from '#decision/decide.ts';
import type { Informer } from '#kube/cache/reflector.ts';
import type { Lister } from '#kube/cache/store.ts';
import type { Client } from '#kube/client/client.ts';
import { type KubernetesObject, keyOf } from '#kube/client/objects.ts';
import type { ControllerObserver } from '#kube/controller/controller.ts';
import { Controller, ownKey, specFirst } from '#kube/controller/controller.ts';
import { EventRecorder } from '#kube/controller/events.ts';
import { Manager } from '#kube/controller/manager.ts';
import type { LeaderElector } from '#kube/election/leader-election.ts';
import { InferenceModelReconciler, type OperatorSettings } from './reconciler.ts';
import { makeCaches, modelKeys } from './resources.ts';

export interface OperatorOptions extends OperatorSettings {
  readonly client: Client;
  readonly clock: Clock;
  /** From 0 up to 1, as Math.random. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Where models are served; in all namespaces if left out. */
  readonly namespaces?: readonly string[] | undefined;
  /** Without it, no other process may do the same work. */
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
  const after = (): Promise<void> => controller.calm();
  const events = new EventRecorder({ client, clock, logger, controller: fieldManager, instance, after });
  const parts = { caches, client, clock, events, fetcherImage, allowance };
  const reconciler = new InferenceModelReconciler(parts);
  const { reconcile } = reconciler;
  const name = 'inferencemodel';
  const observer = observe?.(name, workers);
  const controller = new Controller({ ...options, name, reconcile, ...(observer && { observer }) });

  caches.models.onChange((before, after) => {
    if (before && !after) logger.info({ key: keyOf(before.metadata) }, 'the model was deleted');
  });
  // Services first: in a burst of models, what only a status shows waits until all Services are made. A change of the status
  // of a model counts too, unless it is our own: another client may have written it, or the answer to our write was lost.
  controller.for(caches.models, (before, after) =>
    reconciler.isOwnStatus(before, after) ? undefined : specFirst(before, after),
  );
  // A Service has the name of its model, also one that is not ours and stands in the way.
  controller.watch(caches.services, ownKey, (_, after) => (after ? 'low' : 'high'));
  caches.services.onRelist(() => {
    for (const key of reconciler.onServicesRelisted()) controller.enqueue(key);
  });
  controller.watch(caches.revisions, modelKeys, () => 'low');
  controller.watch(caches.pods, modelKeys, () => 'low');
  const { models, runtimes, profiles, services, revisions, pods, settings } = caches;
  for (const shared of [runtimes, profiles, ...settings])
    shared.onChange(() => {
      for (const { metadata } of models.store.list()) controller.enqueue(keyOf(metadata));
    });

  const all = [models, runtimes, profiles, services, revisions, pods, ...settings];
  const { leaderElection } = options;
  const manager = new Manager({ caches: all, controllers: [controller], events, logger, leaderElection });
  return {
    start: (signal) => manager.start(signal),
    caches: all,
    models: models.store,
  };
}
