import { pino } from 'pino';
import { systemClock } from '#base/clock.ts';
import type { KnativeServiceObject, PodObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import { Reflector } from '#kube/cache/reflector.ts';
import type { Reader } from '#kube/client/client.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import type { Model } from '../support/models.ts';
import type { Sightings } from './sightings.ts';
import { type Revision, routeResource, type World } from './world.ts';

/** Watches the cluster past all faults, and notes what it sees. */
export class Observer implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #caches;
  readonly #running: Promise<unknown>;
  readonly #namespaces: ReadonlySet<string>;
  #next = Promise.withResolvers<void>();

  private constructor(client: Reader, namespaces: readonly string[], sightings: Sightings) {
    this.#namespaces = new Set(namespaces);
    const follow = <T extends KubernetesObject>(
      resource: GroupVersionResource,
      note: (object: T) => void,
    ): Reflector<T> => {
      const common = { client, clock: systemClock, random: Math.random, logger: pino({ level: 'silent' }) };
      const reflector = new Reflector<T>({ ...common, resource });
      reflector.onChange((before, after) => {
        if (!this.#namespaces.has((after ?? before)?.metadata.namespace ?? '')) return;
        if (after) note(after);
        this.#next.resolve();
        this.#next = Promise.withResolvers();
      });
      return reflector;
    };
    this.#caches = {
      models: follow<Model>(modelResource, () => {}),
      services: follow<KnativeServiceObject>(serviceResource, (found) => sightings.service(found)),
      routes: follow<KnativeServiceObject>(routeResource, (found) => sightings.route(found)),
      revisions: follow<Revision>(revisionResource, (found) => sightings.revision(found)),
      pods: follow<PodObject>(podResource, () => {}),
    };
    this.#running = Promise.all(Object.values(this.#caches).map((cache) => cache.run(this.#stop.signal)));
  }

  static async start(client: Reader, namespaces: readonly string[], sightings: Sightings): Promise<Observer> {
    const observer = new Observer(client, namespaces, sightings);
    await Promise.all(Object.values(observer.#caches).map(({ synced }) => synced));
    return observer;
  }

  /** Resolves at the next change. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  /** As the watches have told so far. */
  get world(): World {
    const { models, services, revisions, pods } = this.#caches;
    const ours = <T extends KubernetesObject>({ store }: Reflector<T>): T[] =>
      store.list().filter(({ metadata }) => this.#namespaces.has(metadata.namespace ?? ''));
    return {
      models: ours(models),
      services: ours(services),
      revisions: ours(revisions),
      pods: ours(pods),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
