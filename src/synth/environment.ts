import type { InferenceProfile } from '#api/v1alpha1/profile.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import type { Capabilities } from '#knative/capabilities.ts';

/** What a model is synthesized for, besides itself. */
export interface Environment {
  readonly capabilities: Capabilities;
  readonly runtimes: readonly InferenceRuntime[];
  readonly profiles: readonly InferenceProfile[];
  /** The image that has `dormouse fetch`. */
  readonly fetcherImage: string;
  readonly allowance: Allowance;
}

/** What the author of a model may ask for, as the operator's configuration says. Left out, everything. */
export interface Allowance {
  /** Image references, in which `*` stands for any text. */
  readonly images?: readonly string[] | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
  /** Whether a public model may have no upper bound of its pods; it may if this is left out. */
  readonly unboundedPublicModels?: boolean | undefined;
}

/** One sentence for each image of a model that is not allowed here. The image of a runtime is its owner's choice. */
export function checkImages(spec: InferenceModelSpec, { images }: Allowance): string[] {
  const asked = [
    { field: 'spec.container.image', value: spec.container?.image },
    { field: 'spec.runtime.image', value: spec.runtime?.image },
  ];
  return asked.flatMap(({ field, value }) =>
    value === undefined ||
    !images ||
    images.some((pattern) => matches(normalizedPattern(pattern), normalized(value)))
      ? []
      : [notAllowed(field, value, images)],
  );
}

/** A sentence where the ServiceAccount of a pod is not allowed here, whoever chose it: a model has its rights. */
export function checkServiceAccount(
  field: string,
  name: string,
  { serviceAccounts }: Allowance,
): string | undefined {
  if (!serviceAccounts || serviceAccounts.some((pattern) => matches(pattern, name))) return undefined;
  return notAllowed(field, name, serviceAccounts);
}

const notAllowed = (field: string, value: string, allowed: readonly string[]): string =>
  `${field}: ${value} is not allowed here: write one of ${allowed.join(', ') || 'none'}, or ask who runs Dormouse`;

/**
 * The full form of an image reference, which stands for the same image (distribution/reference, `ParseDockerRef`):
 * `nginx` is `docker.io/library/nginx:latest`.
 */
function normalized(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const host = isHost ? first.replace(/^index\.docker\.io$/, 'docker.io') : 'docker.io';
  const path = isHost ? rest.join('/') : reference;
  const isOfficial = host === 'docker.io' && !path.includes('/') && !path.startsWith('*');
  const isTagged = /[:@]/.test(path);
  return `${host}/${isOfficial ? 'library/' : ''}${path}${isTagged ? '' : ':latest'}`;
}

/** The same of a pattern. What may begin with anything has no host, and what may end with anything no tag. */
function normalizedPattern(pattern: string): string {
  if (pattern.startsWith('*')) return pattern;
  const full = normalized(pattern);
  return pattern.endsWith('*') ? full.replace(/:latest$/, '') : full;
}

/** Whether all of `value` is as `pattern` says, in which `*` stands for any text. */
function matches(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(value);
}
