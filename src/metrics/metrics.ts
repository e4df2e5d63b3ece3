import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type CountedCache, type CountedModel, cacheMetrics } from './caches.ts';
import { controllerMetrics } from './controller.ts';
import { requestMetrics } from './requests.ts';

export type Metrics = ReturnType<typeof makeMetrics>;

/** All metrics of this process. Each part of the operator is handed what it reports to. */
export function makeMetrics(seconds = () => performance.now() / 1000) {
  const registry = new Registry();
  // At its default of 10 ms the measuring of the event loop would wake an idle process 100 times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  return {
    /** The observer of a controller, by its name and the most keys that it works on at the same time. */
    controller: controllerMetrics(registry, seconds),
    /** To be called with each request to the API server. */
    request: requestMetrics(registry),
    /** Shows what these caches hold. */
    caches: (caches: readonly CountedCache[], models: () => readonly CountedModel[]) =>
      cacheMetrics(registry, caches, models),
    /** Shows whether this process holds the Lease of a name. */
    leader: (name: string, isLeader: () => boolean) =>
      new Gauge({
        name: 'leader_election_master_status',
        help: '1 while this process holds the Lease of that name, 0 while another does',
        labelNames: ['name'],
        registers: [registry],
        collect() {
          this.set({ name }, isLeader() ? 1 : 0);
        },
      }),
    contentType: registry.contentType,
    /** The text of a scrape. */
    text: () => registry.metrics(),
  };
}
