import type { KubernetesObject } from '../client/objects.ts';
import type { Lister } from './store.ts';

/** Called after each change of the store: `before` is missing for an object that is new, `after` for one that is gone. */
export type Handler<T> = (before: T | undefined, after: T | undefined) => void;

/** A local copy of objects of one kind that tells what changes. */
export interface Informer<T extends KubernetesObject> {
  /** What it follows, as kubectl writes it: `pods`, `services.serving.knative.dev`. */
  readonly resource: string;
  readonly store: Lister<T>;
  /** Resolves when the store holds all that existed at the start. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Milliseconds for which an open request has given no sign. */
  readonly silentMs: number;
  /** Adds a handler; before {@link run}, or it misses what the store already holds. */
  onChange(handler: Handler<T>): void;
  /** Adds a handler for each time that the store was filled from a list, after its changes were told. */
  onRelist(handler: () => void): void;
  /** Follows the API server until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}
