import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { InferenceModelSpec, InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { Environment } from '#synth/environment.ts';
import { synthesize } from '#synth/synthesize.ts';
import type { Template } from '#synth/template.ts';
import { UnsupportedError } from '#synth/unsupported.ts';

/** What is wanted of one model now. */
export interface Wanted {
  readonly uid: string;
  readonly spec: InferenceModelSpec;
  /** The same as it was written. */
  readonly written: InferenceModelSpecInput;
}

/** Everything that was ever asked for, and what is asked for now: the truth that the cluster is held against. */
export class Ledger {
  /** By `namespace/name`. */
  readonly wanted = new Map<string, Wanted>();
  readonly #environment: Environment;
  /** The templates that each model may have, by the model's uid and the template's name. */
  readonly #asked = new Map<string, Map<string, Template>>();
  /** The names of the templates that each model asked for, one after the other, by the model's uid. */
  readonly #sequence = new Map<string, string[]>();
  /** What the models were before, by key. */
  readonly #before = new Map<string, InferenceModelSpecInput>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The model of this key has this uid and asks for this. */
  ask(
    namespace: string,
    name: string,
    uid: string,
    model: InferenceModel,
    written: InferenceModelSpecInput,
  ): void {
    const { spec } = model;
    const key = `${namespace}/${name}`;
    const last = this.wanted.get(key);
    if (last) this.#before.set(key, last.written);
    this.wanted.set(key, { uid, spec, written });
    try {
      const { template } = synthesize(model, this.#environment).spec;
      const asked = this.#asked.get(uid) ?? new Map<string, Template>();
      this.#asked.set(uid, asked.set(template.metadata.name, template));
      this.#sequence.set(uid, [...(this.#sequence.get(uid) ?? []), template.metadata.name]);
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
    }
  }

  before(key: string): InferenceModelSpecInput | undefined {
    return this.#before.get(key);
  }

  /** The template of that name, if this very model ever asked for it. */
  asked(uid: string, template: string): Template | undefined {
    return this.#asked.get(uid)?.get(template);
  }

  /**
   * The first of the templates seen of a model that is older than the one before it. Templates may be left out, and may
   * come back as often as the model asked for them again.
   */
  wentBack(uid: string, seen: readonly string[]): string | undefined {
    const sequence = this.#sequence.get(uid) ?? [];
    let at = 0;
    return seen.find((template) => {
      const next = sequence.indexOf(template, at);
      if (next >= 0) at = next;
      return next < 0 && this.asked(uid, template) !== undefined;
    });
  }

  /** The model of this key is gone, and is wanted to be. */
  forget(key: string): void {
    this.wanted.delete(key);
  }
}
