import { aborted } from '#base/deadline.ts';
import type { Logger } from '#base/logger.ts';
import type { LeaderElector } from '../election/leader-election.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder } from './events.ts';

/** What the manager needs of an informer, whatever its kind of object. */
export interface Cache {
  readonly synced: Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  readonly caches: readonly Cache[];
  readonly controllers: readonly Controller[];
  readonly logger: Logger;
  /**
   * Closed when the controllers have ended, and before the Lease is released: a process that does not lead may not write
   * Events. The order is that of controller-runtime.
   * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/manager/internal.go (engageStopProcedure)
   */
  readonly events?: Pick<EventRecorder, 'close'>;
  /** Lets the controllers run only while this process leads; without it, always. */
  readonly leaderElection?: LeaderElector | undefined;
}

/** Starts and stops the parts of an operator in order. */
export class Manager {
  readonly #options: ManagerOptions;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** Whether this process is the one that works. */
  get isLeader(): boolean {
    return this.#options.leaderElection?.isLeader ?? true;
  }

  /**
   * Fills all caches, waits for leadership, then runs the controllers until `signal` aborts, and resolves when everything
   * has ended. Caches outlive controllers, so that the last reconciles read no stale state; so does leadership, unless
   * it is lost: then all work is aborted.
   *
   * @throws the error of a part that broke, or LeadershipLostError, after everything else has ended too.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { caches, leaderElection, logger } = this.#options;
    const work = new AbortController();
    const stopWork = (): void => work.abort();
    aborted(signal).then(stopWork);
    const stopCaches = new AbortController();
    const running = all(
      caches.map((cache) => cache.run(stopCaches.signal)),
      stopWork,
    );
    const control = (lost?: AbortSignal): Promise<void> => this.#control(work, lost);
    try {
      await Promise.race([Promise.all(caches.map((cache) => cache.synced)), aborted(work.signal)]);
      if (!work.signal.aborted) {
        logger.info({}, 'caches are in sync');
        await (leaderElection ? leaderElection.run(work.signal, control) : control());
      }
    } finally {
      stopCaches.abort();
      await running;
    }
    logger.info({}, 'stopped');
  }

  /** Runs the controllers until `work` or `lost` aborts and the last reconcile has ended. */
  async #control(work: AbortController, lost?: AbortSignal): Promise<void> {
    const { controllers, events, logger } = this.#options;
    logger.info({ controllers: controllers.map(({ name }) => name) }, 'starting controllers');
    const running = controllers.map((controller) => controller.run(work.signal, lost));
    try {
      await all([aborted(work.signal, lost), ...running], () => work.abort());
    } finally {
      await events?.close(lost);
    }
  }
}

/** Resolves when all parts have ended, and throws what the first of them threw; `broken` is called as soon as one throws. */
async function all(parts: readonly Promise<void>[], broken: () => void): Promise<void> {
  for (const part of parts) part.catch(broken);
  for (const ended of await Promise.allSettled(parts)) if (ended.status === 'rejected') throw ended.reason;
}
