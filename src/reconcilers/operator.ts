import type { Clock } from '../clock.ts';
import type { Client } from '../kube/client.ts';
import { Controller } from '../kube/controller.ts';
import { ownKey } from '../kube/handlers.ts';
import type { Logger } from '../kube/logger.ts';
import { Manager } from '../kube/manager.ts';
import { keyOf } from '../kube/objects.ts';
import { type Given, InferenceModelReconciler } from './inferencemodel.ts';
import { makeCaches, modelKeys } from './resources.ts';

export interface OperatorOptions extends Given {
  readonly client: Client;
  readonly clock: Clock;
  /** From 0 up to 1, as Math.random. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Where models are served; in all namespaces if left out. */
  readonly namespaces?: readonly string[] | undefined;
}

/** The whole operator: what it watches, and what each change makes it reconcile. */
export function makeOperator(options: OperatorOptions): Manager {
  const { client, clock, logger } = options;
  const caches = makeCaches(options);
  const reconciler = new InferenceModelReconciler(caches, client, clock, options);
  const { reconcile } = reconciler;
  const controller = new Controller({ ...options, name: 'inferencemodel', reconcile });

  // A change of the status alone counts too: somebody else may have written it, or we, and never got the answer.
  controller.watch(caches.models, ownKey);
  // A Service has the name of its model, also one that is not ours and stands in the way.
  controller.watch(caches.services, ownKey);
  caches.services.onRelist(() => {
    for (const key of reconciler.relisted()) controller.enqueue(key);
  });
  controller.watch(caches.revisions, modelKeys);
  controller.watch(caches.pods, modelKeys);
  const { models, runtimes, services, revisions, pods, settings } = caches;
  for (const shared of [runtimes, ...settings])
    shared.onChange(() => {
      for (const { metadata } of models.store.list()) controller.enqueue(keyOf(metadata));
    });

  return new Manager({
    caches: [models, runtimes, services, revisions, pods, ...settings],
    controllers: [controller],
    logger,
  });
}
