import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { Clock } from '#base/clock.ts';
import { decide, type Situation, type StoredModel, type Verdict } from '#decision/decide.ts';
import { ownershipOf } from '#decision/ownership.ts';
import type { Write } from '#decision/write.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import type { KnativeServiceObject, PodObject, RevisionObject } from '#knative/objects.ts';
import { capabilitiesReader } from '#knative/settings.ts';
import { MutationCache } from '#kube/cache/mutation-cache.ts';
import type { Writer } from '#kube/client/client.ts';
import {
  ApiError,
  isConflict,
  isNamespaceTerminating,
  isNotFound,
  isPrecondition,
  isRejected,
  messageOf,
} from '#kube/client/errors.ts';
import type { Reconcile, ReconcileContext, Result } from '#kube/controller/controller.ts';
import type { EventRecorder } from '#kube/controller/events.ts';
import { type ModelEvent, statusEvents } from '#status/events.ts';
import { inferenceModelStatus } from '#status/inferencemodel.ts';
import type { Outcome } from '#status/outcome.ts';
import type { Environment } from '#synth/environment.ts';
import type { Caches } from './resources.ts';
import { profilesOf, runtimesOf } from './runtimes.ts';
import { StatusWriter } from './status-writer.ts';
import { DecisionWriter } from './writer.ts';

/** After which a write that was rejected is tried again: the rules of another webhook may change, and no watch tells. */
const retryRejectedMs = 5 * 60_000;
/** A write must fail for so long before the status says so: most failures pass with the first retry. */
const publishFailureMs = 3000;

/** The settings of the operator that decide what a model may be. They are the same for as long as it runs. */
export type OperatorSettings = Pick<Environment, 'fetcherImage' | 'allowance'>;

export interface InferenceModelReconcilerOptions extends OperatorSettings {
  readonly caches: Caches;
  readonly client: Writer;
  readonly clock: Clock;
  readonly events: Pick<EventRecorder, 'record'>;
}

/** What is known of a model: what the decision depends on, and what only its status shows. */
interface Observation extends Situation {
  readonly key: string;
  readonly pods: readonly PodObject[];
}

/**
 * Makes one Knative Service of each InferenceModel, and publishes in its status what became of it: observe, decide, carry
 * out, publish. All behaviour is in the two pure functions `decide` and `inferenceModelStatus`.
 */
export class InferenceModelReconciler {
  readonly #caches: Caches;
  readonly #settings: OperatorSettings;
  readonly #clock: Clock;
  readonly #events: Pick<EventRecorder, 'record'>;
  readonly #capabilities: () => Capabilities;
  readonly #models: MutationCache<StoredModel>;
  readonly #services: MutationCache<KnativeServiceObject>;
  readonly #revisions: MutationCache<RevisionObject>;
  readonly #writer: DecisionWriter;
  readonly #statuses: StatusWriter;
  /** Since when the writes of a model fail, in milliseconds of the monotonic clock. */
  readonly #failingSince = new Map<string, number>();

  constructor({ caches, client, clock, events, ...settings }: InferenceModelReconcilerOptions) {
    this.#caches = caches;
    this.#settings = settings;
    this.#clock = clock;
    this.#events = events;
    this.#capabilities = capabilitiesReader(caches.settings);
    this.#models = new MutationCache(caches.models);
    this.#services = new MutationCache(caches.services);
    this.#revisions = new MutationCache(caches.revisions);
    this.#writer = new DecisionWriter({ client, services: this.#services, revisions: this.#revisions });
    this.#statuses = new StatusWriter(client, this.#models);
    caches.services.onChange((before, after) =>
      this.#writer.observe((after ?? before) as KnativeServiceObject),
    );
    caches.models.onRelist(() => this.#models.forget());
    caches.revisions.onRelist(() => this.#revisions.forget());
  }

  readonly reconcile: Reconcile = async (key, context) => {
    const observation = this.#observe(key);
    // Children carry an ownerReference: Kubernetes itself deletes them.
    if (!observation) {
      this.#statuses.forget(key);
      this.#failingSince.delete(key);
      return {};
    }
    const { verdict, writes } = decide(observation);
    // The watch has yet to bring the model that was acted on.
    if (verdict.type === 'stale') return {};
    const error = await this.#carryOut(observation, writes, context);
    const outcome = outcomeOf(verdict, error);
    // The model goes with its namespace.
    if (isNamespaceTerminating(error)) return {};
    const published = this.#isWorthPublishing(observation, outcome)
      ? this.#publish(observation, outcome, context)
      : Promise.resolve({});
    if (outcome.type !== 'failed') return published;
    // The retry publishes again; the log must have the failure that came first.
    await published.catch(() => {});
    throw outcome.error;
  };

  /** Whether a change of a model is that of its status by this process, after which there is nothing to do. */
  isOwnStatus(before: StoredModel | undefined, after: StoredModel | undefined): boolean {
    return this.#models.isOwnStatus(before, after);
  }

  /** Must be called when the cache of Services was listed anew; gives the keys of models whose Services may be gone. */
  onServicesRelisted(): string[] {
    return this.#writer.onRelist();
  }

  #observe(key: string): Observation | undefined {
    const model = this.#models.get(key);
    if (!model || model.metadata.deletionTimestamp) return undefined;
    const { revisions, pods, runtimes, profiles } = this.#caches;
    return {
      key,
      model,
      service: this.#services.get(key),
      revisions: revisions.store.byIndex('model', key).map((revision) => this.#revisions.newest(revision)),
      pods: pods.store.byIndex('model', key),
      unanswered: this.#writer.unanswered(model),
      environment: {
        ...this.#settings,
        capabilities: this.#capabilities(),
        runtimes: runtimesOf(runtimes.store.list()),
        profiles: profilesOf(profiles.store.list()),
      },
    };
  }

  /** Carries out the writes of a decision, and gives the error of the first that fails: those after it build on it. */
  async #carryOut(
    { key, model }: Observation,
    writes: readonly Write[],
    context: ReconcileContext,
  ): Promise<unknown> {
    try {
      for (const write of writes) {
        const event = await this.#writer.carryOut(write, context.signal);
        if (event) this.#record(model, event, context);
      }
      this.#failingSince.delete(key);
      return undefined;
    } catch (error) {
      if (!this.#failingSince.has(key)) this.#failingSince.set(key, this.#clock.monotonic());
      return error;
    }
  }

  /** Whether an outcome is to be published now. */
  #isWorthPublishing({ key, service }: Observation, outcome: Outcome): boolean {
    // The watch brings the Service that was just made. Until then the Services of other models come first.
    if (outcome.type === 'applied') return service !== undefined;
    if (outcome.type !== 'failed') return true;
    // The cache was behind: the retry reads what is there now.
    if (isConflict(outcome.error) || isPrecondition(outcome.error)) return false;
    return this.#clock.monotonic() - (this.#failingSince.get(key) ?? 0) >= publishFailureMs;
  }

  async #publish(
    { model, service, revisions, pods }: Observation,
    outcome: Outcome,
    context: ReconcileContext,
  ): Promise<Result> {
    const before = model.status as InferenceModelStatus | undefined;
    const { status, recheckAfterMs } = inferenceModelStatus({
      generation: model.metadata.generation ?? 0,
      before,
      observed: {
        service: service && ownershipOf(service, model) === 'ours' ? service : undefined,
        revisions,
        pods,
      },
      outcome,
      now: this.#clock.now(),
    });
    try {
      const coalesceMs = await this.#statuses.apply(model, status, this.#clock.monotonic(), context.signal);
      if (coalesceMs !== undefined) return { requeueAfterMs: coalesceMs };
      for (const event of statusEvents(before, status)) this.#record(model, event, context);
    } catch (error) {
      // Deleted meanwhile: the watch tells.
      if (!isNotFound(error)) throw error;
    }
    const isRejected = outcome.type === 'refused' && outcome.reason === 'RejectedByKnative';
    const requeueAfterMs = isRejected ? retryRejectedMs : recheckAfterMs;
    return requeueAfterMs === undefined ? {} : { requeueAfterMs };
  }

  /** One line of the log and one Event for each change. */
  #record(model: StoredModel, event: ModelEvent, { logger }: ReconcileContext): void {
    logger[event.type === 'Normal' ? 'info' : 'warn']({ reason: event.reason }, event.note);
    this.#events.record(model, event);
  }
}

/** What a decision came to, once its writes were carried out or one of them failed with `error`. */
function outcomeOf(verdict: Exclude<Verdict, { type: 'stale' }>, error: unknown): Outcome {
  const rejection = rejectionOf(error);
  if (rejection !== undefined) return { type: 'refused', reason: 'RejectedByKnative', message: rejection };
  if (error !== undefined) return { type: 'failed', message: messageOf(error), error };
  if (verdict.type !== 'accepted') return verdict;
  const { revision, updateAvailable } = verdict;
  return { type: 'applied', revision, updateAvailable };
}

/** What the API server or a webhook says of a request that it will never take; undefined for all other errors. */
function rejectionOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || isPrecondition(error)) return undefined;
  const denied = /denied the request: (.*)/s.exec(error.message)?.[1];
  return denied ?? (isRejected(error) ? error.message : undefined);
}
