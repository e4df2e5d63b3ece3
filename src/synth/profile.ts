import type { Model } from '#api/v1alpha1/model.ts';
import type { InferenceProfile } from '#api/v1alpha1/profile.ts';
import { isFetched, schemeOf } from '#sources/schemes.ts';
import { UnsupportedError } from './unsupported.ts';

/**
 * The profile that a model names, or the default one, of several the first by name; undefined where there is none.
 * @throws UnsupportedError with the profiles that there are
 */
export function chooseProfile(
  name: string | undefined,
  profiles: readonly InferenceProfile[],
): InferenceProfile | undefined {
  const sorted = profiles.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  if (name === undefined) return sorted.find(({ spec }) => spec.default);
  const found = sorted.find((profile) => profile.name === name);
  if (found) return found;
  const known = sorted.map((profile) => profile.name).join(', ') || 'none';
  throw new UnsupportedError([
    `spec.profile: there is no InferenceProfile ${name}; those here: ${known}: write one of them, or leave it out`,
  ]);
}

/** Where a model is and with what it is read: what the model does not say, its profile says of the longest prefix that fits. */
export function sourceOf(model: Model, profile: InferenceProfile | undefined): Model {
  const { credentials: places = [], cache } = profile?.spec ?? {};
  const [place] = places
    .filter(({ prefix }) => model.uri.startsWith(prefix))
    .toSorted((left, right) => right.prefix.length - left.prefix.length);
  const { endpoint, region, secretRef } = place ?? {};
  return {
    ...model,
    endpoint: model.endpoint ?? endpoint,
    region: model.region ?? region,
    credentials: model.credentials ?? (secretRef && { secretRef }),
    // What is not fetched needs none.
    cache: model.cache ?? (isFetched(schemeOf(model.uri), 'Pod') ? cache : undefined),
  };
}
