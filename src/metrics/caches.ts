import { Gauge, type Registry } from 'prom-client';
import { type State, states } from '#api/v1alpha1/status.ts';

/** A local copy of a collection. */
export interface CountedCache {
  /** As kubectl writes it: `pods`, `services.serving.knative.dev`. */
  readonly resource: string;
  readonly store: { readonly size: number };
}

/** An InferenceModel as it is stored. */
export interface CountedModel {
  readonly status?: { readonly state?: State };
}

/** Counts what the caches hold, and models by state, at the time of a scrape. No name of an object is a label. */
export function cacheMetrics(
  registry: Registry,
  caches: readonly CountedCache[],
  models: () => readonly CountedModel[],
): void {
  const registers = [registry];
  new Gauge({
    name: 'dormouse_cached_objects',
    help: 'Objects in the local copies',
    labelNames: ['resource'],
    registers,
    collect() {
      this.reset();
      for (const { resource, store } of caches) this.inc({ resource }, store.size);
    },
  });
  new Gauge({
    name: 'dormouse_models',
    help: 'InferenceModels by status.state; Unknown are those that have none yet',
    labelNames: ['state'],
    registers,
    collect() {
      const counts = new Map<string, number>([...states, 'Unknown'].map((state) => [state, 0]));
      for (const { status: { state = 'Unknown' } = {} } of models())
        counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
}
