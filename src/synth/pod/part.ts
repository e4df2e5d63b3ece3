import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Setting } from '#knative/setting.ts';
import type { Environment } from '../environment.ts';
import type { Server } from '../server.ts';
import { UnsupportedError } from '../unsupported.ts';

/** What a pod is made from. */
export interface PodContext {
  readonly model: InferenceModel;
  readonly server: Server;
  readonly environment: Environment;
}

type Fields = Readonly<Record<string, unknown>>;

/** What one part brings to a pod, with every field that Knative would fill in. */
export interface Part {
  /** Fields of the pod itself, such as `serviceAccountName`. */
  readonly pod?: Fields;
  /** Beside the server. */
  readonly containers?: readonly Fields[];
  readonly initContainers?: readonly Fields[];
  readonly volumes?: readonly Fields[];
  /** Fields of the server's container, in the place of what stood there; mounts are added. */
  readonly server?: Fields & { readonly volumeMounts?: readonly Fields[] };
  /** Of the revision. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Why this cluster takes no such part, in one sentence that says what to do, and the settings with which it would. */
export interface Refusal {
  readonly problem: string;
  readonly settings?: readonly Setting[];
}

/** One part of a pod, or all that is in its way; undefined where the model has no need of it. */
export type PartOf = (context: PodContext) => Part | Refusal | readonly Refusal[] | undefined;

export interface Pod {
  readonly spec: Fields;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const isRefusal = (made: Part | Refusal): made is Refusal => 'problem' in made;
const isPart = (made: Part | Refusal): made is Part => !isRefusal(made);

/**
 * Puts a pod together; a later part's fields win.
 * @throws UnsupportedError with the problems of all parts
 */
export function assemble(parts: readonly PartOf[], context: PodContext): Pod {
  const made = parts.flatMap((part) => part(context) ?? []);
  const refusals = made.filter(isRefusal);
  if (refusals.length > 0)
    throw new UnsupportedError(
      refusals.map(({ problem }) => problem),
      refusals.flatMap(({ settings = [] }) => settings),
    );
  const all = made.filter(isPart);
  const list = (name: 'containers' | 'initContainers' | 'volumes') => all.flatMap((part) => part[name] ?? []);
  const volumeMounts = all.flatMap(({ server }) => server?.volumeMounts ?? []);
  const server = merged(all.map((part) => part.server));
  const [initContainers, volumes] = [list('initContainers'), list('volumes')];
  return {
    spec: {
      ...merged(all.map(({ pod }) => pod)),
      containers: [{ ...server, ...(volumeMounts.length > 0 && { volumeMounts }) }, ...list('containers')],
      ...(initContainers.length > 0 && { initContainers }),
      ...(volumes.length > 0 && { volumes }),
    },
    annotations: merged(all.map(({ annotations }) => annotations)),
    labels: merged(all.map(({ labels }) => labels)),
  };
}

const merged = <T extends object>(all: readonly (T | undefined)[]): T => Object.assign({}, ...all);
