import { setTimeout as delay } from 'node:timers/promises';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { serviceResource } from '#knative/objects.ts';
import type { Client } from '#kube/client/client.ts';
import { ApiError, isNotFound } from '#kube/client/errors.ts';
import { type GroupVersionResource, type KubernetesObject, keyOf } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { type Model, manifest } from '../support/models.ts';
import type { Ledger } from './ledger.ts';
import type { Operation } from './plan.ts';
import { strangerImage } from './stranger.ts';

const user = { fieldManager: 'user', force: true, timeoutMs: 10_000 };
const stranger = { fieldManager: 'stranger', timeoutMs: 10_000 };
/** How long an operation is tried again while the API server is away. */
const patienceMs = 120_000;

export type Name = { readonly namespace: string; readonly name: string };

/** Carries out operations on models and their children, past all faults but those of the server itself. */
export class Churn {
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #namespaces: readonly string[];
  #count = 0;

  constructor(client: Client, ledger: Ledger, namespaces: readonly string[]) {
    this.#client = client;
    this.#ledger = ledger;
    this.#namespaces = namespaces;
  }

  /** Operations done so far. */
  get count(): number {
    return this.#count;
  }

  async do(operation: Operation): Promise<void> {
    const name = this.#nameOf(operation.slot);
    await patiently(() => this.#do(operation, name));
    this.#count += 1;
  }

  /** A stranger writes another image into the template of a model's Service. */
  tamper(name: Name): Promise<void> {
    return patiently(() => this.#tamper(name));
  }

  /** One model that no plan knows of. */
  async put(name: Name, spec: InferenceModelSpecInput): Promise<Model> {
    return patiently(async () => {
      const { namespace } = name;
      const object = manifest(spec, { ...name, namespace }) as KubernetesObject;
      const answer = await this.#client.apply<Model>(modelResource, object, user);
      this.#ledger.ask(namespace, name.name, answer.metadata.uid ?? '', parseInferenceModel(answer), spec);
      return answer;
    });
  }

  #nameOf(slot: number): Name {
    return { namespace: this.#namespaces[slot % this.#namespaces.length] ?? '', name: `model-${slot}` };
  }

  async #do(operation: Operation, name: Name): Promise<void> {
    const before = this.#ledger.before(keyOf(name));
    switch (operation.type) {
      case 'put':
        return void (await this.put(name, operation.spec));
      case 'back':
        return void (before && this.#exists(name) && (await this.put(name, before)));
      case 'remove':
        return this.#remove(name);
      case 'replace':
        await this.#remove(name);
        return void (await this.put(name, operation.spec));
      case 'reject':
        return this.#reject(name);
      case 'touch':
        return this.#label(modelResource, name);
      case 'label':
        return this.#label(serviceResource, name);
      case 'deleteChild':
        return this.#client.delete(serviceResource, name, stranger).catch(unlessGone);
      case 'tamper':
        return this.#tamper(name);
    }
  }

  #exists(name: Name): boolean {
    return this.#ledger.wanted.has(keyOf(name));
  }

  async #remove(name: Name): Promise<void> {
    await this.#client.delete(modelResource, name, stranger).catch(unlessGone);
    this.#ledger.forget(keyOf(name));
  }

  async #reject(name: Name): Promise<void> {
    const wrong = manifest({ container: { image: 'No Image' } }, name) as KubernetesObject;
    const accepted = await this.#client.apply(modelResource, wrong, user).then(
      () => true,
      (error) => {
        if (error instanceof ApiError && error.code === 422) return false;
        throw error;
      },
    );
    if (accepted) throw new Error(`the API server accepted an image that is none, for ${keyOf(name)}`);
  }

  async #label(resource: GroupVersionResource, name: Name): Promise<void> {
    const labels = { team: `team-${this.#count}` };
    await this.#client.patch(resource, name, { metadata: { labels } }, stranger).catch(unlessGone);
  }

  async #tamper(name: Name): Promise<void> {
    try {
      const { spec } = await this.#client.get<KnativeServiceObject>(serviceResource, name);
      const [container] = (spec?.template?.spec?.containers ?? []) as object[];
      const containers = [{ ...container, image: strangerImage }];
      const template = { metadata: { name: null }, spec: { containers } };
      const traffic = [{ latestRevision: true, percent: 100 }];
      await this.#client.patch(serviceResource, name, { spec: { template, traffic } }, stranger);
    } catch (error) {
      // Knative's webhook may have its reasons, too.
      if (!(error instanceof ApiError) || error.code >= 429) throw error;
    }
  }
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** Tries until the server is there and answers for itself. Every operation may be carried out twice. */
async function patiently<T>(operation: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      const final = error instanceof ApiError && error.code < 429 && error.code !== 403;
      if (final || performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}
