import type { Controller } from './controller.ts';
import { aborted } from './deadline.ts';
import type { Logger } from './logger.ts';

/** What the manager needs of an informer, whatever its kind of object. */
export interface Cache {
  readonly synced: Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  readonly caches: readonly Cache[];
  readonly controllers: readonly Controller[];
  readonly logger: Logger;
}

/** Starts and stops the parts of an operator in order. */
export class Manager {
  readonly #options: ManagerOptions;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /**
   * Fills all caches, then runs the controllers until `signal` aborts, and resolves when everything has ended. Caches
   * outlive controllers, so that the last reconciles read no stale state.
   *
   * @throws the error of a part that broke, after everything else has ended too.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { caches, controllers, logger } = this.#options;
    const work = new AbortController();
    const stopWork = (): void => work.abort();
    aborted(signal).then(stopWork);
    const stopCaches = new AbortController();
    const running = Promise.all(caches.map((cache) => cache.run(stopCaches.signal)));
    running.catch(stopWork);
    try {
      await Promise.race([Promise.all(caches.map((cache) => cache.synced)), aborted(work.signal)]);
      if (!work.signal.aborted) {
        logger.info(
          { controllers: controllers.map(({ name }) => name) },
          'caches are in sync, starting controllers',
        );
        await Promise.all([
          aborted(work.signal),
          ...controllers.map((controller) => controller.run(work.signal)),
        ]);
      }
    } finally {
      stopCaches.abort();
      await running;
    }
    logger.info({}, 'stopped');
  }
}
