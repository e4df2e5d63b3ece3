import { pino } from 'pino';
import { systemClock } from '#base/clock.ts';
import { Reflector } from '#kube/cache/reflector.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';

interface Selected<T> {
  readonly client: RestClient;
  readonly resource: GroupVersionResource;
  readonly namespace: string;
  /** Leaves of an object what is looked at; by default nothing but its name. */
  readonly trim?: (object: T) => T;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly holds: () => boolean;
  readonly resolve: (at: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** Follows what there is in a collection. Times are those at which the watch told of it, as `performance.now`. */
export class Collection<T extends KubernetesObject> implements AsyncDisposable {
  readonly #reflector: Reflector<T>;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #waiting: Waiting[] = [];

  constructor({ trim = onlyName, signal, ...selection }: Selected<T>) {
    const common = { clock: systemClock, random: Math.random, logger: pino({ level: 'silent' }) };
    this.#reflector = new Reflector<T>({ ...common, ...selection, trim });
    this.#reflector.onChange(() => this.#look());
    this.#running = this.#reflector.run(this.#stop.signal);
    const end = (): void => {
      for (const { reject } of this.#waiting) reject(signal.reason);
    };
    signal.addEventListener('abort', end, { signal: this.#stop.signal });
  }

  get synced(): Promise<void> {
    return this.#reflector.synced;
  }

  /** Waits until there are so many objects. */
  has(count: number): Promise<number> {
    return this.#until(() => this.#reflector.store.size === count);
  }

  /** Waits until `check` holds of the object of that key. */
  shows(key: string, check: (object: T) => boolean = () => true): Promise<number> {
    return this.#until(() => {
      const found = this.#reflector.store.get(key);
      return found !== undefined && check(found);
    });
  }

  #until(holds: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ holds, resolve, reject });
      this.#look();
    });
  }

  #look(): void {
    const now = performance.now();
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve(now);
      return false;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

function onlyName<T extends KubernetesObject>({ metadata }: T): T {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { metadata: { name, namespace, uid, resourceVersion } } as T;
}
