import { InvalidObjectError } from '#api/schema/parse.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Clock } from '#base/clock.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import type { Observed } from '#knative/objects.ts';
import { capabilitiesReader } from '#knative/settings.ts';
import type { Informer } from '#kube/cache/informer.ts';
import type { Writer } from '#kube/client/client.ts';
import { ApiError, isNamespaceTerminating, isNotFound, messageOf } from '#kube/client/errors.ts';
import { type KubernetesObject, keyOf } from '#kube/client/objects.ts';
import type { Reconcile, ReconcileContext } from '#kube/controller/controller.ts';
import type { EventRecorder } from '#kube/controller/events.ts';
import type { Result } from '#kube/controller/result.ts';
import { type ModelEvent, statusEvents } from '#status/events.ts';
import { inferenceModelStatus } from '#status/inferencemodel.ts';
import type { Outcome, RefusalReason } from '#status/outcome.ts';
import type { Environment } from '#synth/environment.ts';
import { RefusedError } from '#synth/refused.ts';
import { holds, synthesize } from '#synth/synthesize.ts';
import { holderOf, nameTaken, stillThere } from './holder.ts';
import { KnativeServiceWriter } from './knative-service.ts';
import { scaleEvent, serviceEvent } from './model-events.ts';
import { ModelStatusWriter } from './model-status.ts';
import type { Caches, StoredModel } from './resources.ts';
import { RevisionScaleWriter } from './revision-scale.ts';
import { runtimesOf } from './runtimes.ts';

/** What another webhook refused may pass once its rules change, of which no watch tells. */
const askAgainMs = 5 * 60_000;

/** What the operator is told at its start, and the cluster does not change. */
export type Given = Pick<Environment, 'fetcherImage' | 'allowance'>;

export interface InferenceModelReconcilerOptions extends Given {
  readonly caches: Caches;
  readonly client: Writer;
  readonly clock: Clock;
  readonly events: Pick<EventRecorder, 'record'>;
}

/** Makes one Knative Service of each InferenceModel, and tells in its status what became of it. */
export class InferenceModelReconciler {
  readonly #caches: Caches;
  readonly #given: Given;
  readonly #clock: Clock;
  readonly #events: Pick<EventRecorder, 'record'>;
  readonly #capabilities: () => Capabilities;
  readonly #services: KnativeServiceWriter;
  readonly #scales: RevisionScaleWriter;
  readonly #statuses: ModelStatusWriter;

  constructor({ caches, client, clock, events, ...given }: InferenceModelReconcilerOptions) {
    this.#caches = caches;
    this.#given = given;
    this.#clock = clock;
    this.#events = events;
    this.#capabilities = capabilitiesReader(caches.settings);
    this.#services = new KnativeServiceWriter(client);
    this.#scales = new RevisionScaleWriter(client);
    this.#statuses = new ModelStatusWriter(client);
    forget(caches.models, this.#statuses);
    forget(caches.services, this.#services);
    forget(caches.revisions, this.#scales);
  }

  readonly reconcile: Reconcile = async (key, context) => {
    const model = this.#caches.models.store.get(key);
    // Children carry an ownerReference: Kubernetes itself deletes them.
    if (!model || model.metadata.deletionTimestamp) {
      this.#statuses.forget(key);
      return {};
    }
    const observed = this.#observe(key, model);
    const outcome = await this.#converge(model, observed, context);
    // The watch has yet to bring the Service just made, and the reconcile that can say something of it. Until then the
    // Services of other models come first.
    if (outcome.type === 'applied' && !observed.service) return {};
    // The model will go too.
    if (outcome.type === 'failed' && isNamespaceTerminating(outcome.error)) return {};
    const requeueAfterMs = await this.#report(model, observed, outcome, context);
    if (outcome.type === 'failed') throw outcome.error;
    return requeueAfterMs === undefined ? next(outcome) : { requeueAfterMs };
  };

  /** The models whose Services were written, and may have gone with nobody telling: the cache of Services was listed anew. */
  relisted(): string[] {
    return this.#services.relisted();
  }

  #observe(key: string, model: StoredModel): Observed {
    const { services, revisions, pods } = this.#caches;
    const service = services.store.get(key);
    return {
      service: service && holderOf(service, model) === 'ours' ? service : undefined,
      revisions: revisions.store.byIndex('model', key),
      pods: pods.store.byIndex('model', key),
    };
  }

  async #converge(stored: StoredModel, observed: Observed, context: ReconcileContext): Promise<Outcome> {
    try {
      return await this.#apply(stored, parseInferenceModel(stored), observed, context);
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async #apply(
    stored: StoredModel,
    model: InferenceModel,
    { service, revisions }: Observed,
    context: ReconcileContext,
  ): Promise<Outcome> {
    const { signal } = context;
    const holder = this.#caches.services.store.get(keyOf(model.metadata));
    if (holder && holder !== service) {
      if (holderOf(holder, stored) === 'taken') return refused('NameTaken', nameTaken(holder));
      throw new Error(stillThere(holder));
    }
    const sent = this.#services.sent(stored);
    const template = holds(model, sent) ? sent : service?.spec?.template;
    const manifest = synthesize(model, this.#environment(), { template });
    const { name } = manifest.spec.template.metadata;
    const done = await this.#services.apply(manifest, service, signal);
    if (done) this.#tell(stored, serviceEvent(done, name), context);
    const revision = revisions.find(({ metadata }) => metadata.name === name);
    if (revision && (await this.#scales.apply(model.spec, revision, signal)))
      this.#tell(stored, scaleEvent(name), context);
    return { type: 'applied', revision: name };
  }

  #environment(): Environment {
    return {
      capabilities: this.#capabilities(),
      runtimes: runtimesOf(this.#caches.runtimes.store.list()),
      fetcherImage: this.#given.fetcherImage,
      allowance: this.#given.allowance,
    };
  }

  async #report(model: StoredModel, observed: Observed, outcome: Outcome, context: ReconcileContext) {
    const before = this.#statuses.last(model);
    const status = inferenceModelStatus({
      generation: model.metadata.generation ?? 0,
      before,
      observed,
      outcome,
      now: `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`,
    });
    try {
      const retryInMs = await this.#statuses.apply(model, status, this.#clock.monotonic(), context.signal);
      // What is not written yet is told when it is, and only then.
      if (retryInMs === undefined)
        for (const event of statusEvents(before, status)) this.#tell(model, event, context);
      return retryInMs;
    } catch (error) {
      // Deleted meanwhile: the watch will say so.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** One line of the log and one Event for each change. */
  #tell(model: StoredModel, event: ModelEvent, { logger }: ReconcileContext): void {
    logger[event.type === 'Normal' ? 'info' : 'warn']({ reason: event.reason }, event.note);
    this.#events.record(model, event);
  }
}

/** What a cache brings ends the memory of what was written. */
function forget<T extends KubernetesObject>(cache: Informer<T>, writer: { seen(object: T): void }): void {
  cache.onChange((before, after) => {
    const object = after ?? before;
    if (object) writer.seen(object);
  });
}

const refused = (reason: RefusalReason, message: string): Outcome => ({ type: 'refused', reason, message });

function outcomeOf(error: unknown): Outcome {
  if (error instanceof RefusedError) return refused('NotAllowedByCluster', error.message);
  if (error instanceof InvalidObjectError) return refused('InvalidSpec', error.message);
  if (error instanceof ApiError) {
    const denied = /denied the request: (.*)/s.exec(error.message);
    if (denied?.[1] || error.code === 400 || error.code === 422)
      return refused('RejectedByKnative', denied?.[1] ?? error.message);
  }
  return { type: 'failed', message: messageOf(error), error };
}

function next(outcome: Outcome): Result {
  return outcome.type === 'refused' && outcome.reason === 'RejectedByKnative'
    ? { requeueAfterMs: askAgainMs }
    : {};
}
