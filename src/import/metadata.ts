import * as z from 'zod';
import { pod } from '#api/v1alpha1/pod.ts';
import type { PartReason } from './reasons.ts';
import type { Source } from './source.ts';

const byCluster = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'selfLink'],
  ...['deletionGracePeriodSeconds', 'managedFields', 'ownerReferences', 'finalizers'],
];

/** Labels and annotations that go nowhere, by how their keys begin. */
const dropped: readonly (readonly [PartReason, RegExp])[] = [
  ['by-cluster', /^(kubectl\.kubernetes\.io|internal\.serving\.kserve\.io)\//],
  ['owner', /^(argocd\.argoproj\.io|meta\.helm\.sh|helm\.sh|(kustomize|helm)\.toolkit\.fluxcd\.io)\//],
  ['owner', /^app\.kubernetes\.io\/managed-by$/],
  ['metrics', /^prometheus\.kserve\.io\//],
  ['metrics', /^serving\.kserve\.io\/enable-(prometheus-scraping|metric-aggregation)$/],
  ['no-field', /^([-a-z]+\.)*(kserve\.io|knative\.dev|seldon\.io|dormouse\.dev)\//],
];
/** Those that say something to a mesh or to Prometheus of pods, and nothing of the object. */
const forPodsAlone = /^(([-a-z]+\.)*istio\.io|linkerd\.io|([-a-z]+\.)*linkerd\.io|prometheus\.io)\//;

type TextMap = Record<string, string>;

export interface Metadata {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labels: TextMap;
  readonly annotations: TextMap;
  /** KServe gives the labels and annotations of an InferenceService to its pods, too. */
  readonly pod: { readonly labels: TextMap; readonly annotations: TextMap };
}

/** The metadata of the object that comes out; labels and annotations that were taken before are not in it. */
export function readMetadata(from: Source): Metadata {
  for (const name of byCluster) from.at(name).settle('by-cluster');
  const labels = readPodMap(from.at('labels'), 'labels');
  const annotations = readPodMap(from.at('annotations'), 'annotations');
  return {
    name: from.at('name').read(z.string()),
    namespace: from.at('namespace').read(z.string()),
    labels: ofObject(labels),
    annotations: ofObject(annotations),
    pod: { labels, annotations },
  };
}

const ofObject = (map: TextMap): TextMap =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !forPodsAlone.test(key)));

/** Labels or annotations for pods, of those that were not taken before. */
export function readPodMap(map: Source, kind: 'labels' | 'annotations'): TextMap {
  const kept: TextMap = {};
  const schema = pod.shape[kind].unwrap();
  for (const [key, source] of map.entries()) {
    if (source.settled) continue;
    const reason = dropped.find(([, pattern]) => pattern.test(key))?.[0];
    if (reason) {
      source.settle(reason);
      continue;
    }
    const value = source.read(
      z.string().superRefine((text, context) => {
        const { error } = schema.safeParse({ [key]: text });
        if (error) context.addIssue({ code: 'custom', message: error.issues[0]?.message ?? '' });
      }),
    );
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/**
 * A key of a label or an annotation by which a platform guards who reaches a model: Open Data Hub's
 * `security.opendatahub.io/enable-auth`, `security.openshift.io/enable-authentication`, Authorino's and Kuadrant's,
 * those of an oauth-proxy, and those of ingresses, such as `nginx.ingress.kubernetes.io/auth-url` or `konghq.com/key-auth`.
 */
const guardWord =
  /(^|[^a-z0-9])(o?auth(?!or(s|ed)?([^a-z]|$)|orit)[a-z0-9]*|oidc|jwt|iap|sso|mtls|api-keys?|(ip-?)?(white|allow)list)([^a-z0-9]|$)/;

const words = (key: string) => key.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
const isGuard = (key: string) => guardWord.test(words(key));

/**
 * Whether labels or annotations guard who reaches a model. Each that does becomes a lost field; one that is switched off
 * asks for nothing.
 */
export function readGuards(...maps: readonly Source[]): boolean {
  const guards = maps.flatMap((map) =>
    map.entries().flatMap(([key, source]) => (isGuard(key) && !isOff(source) ? [source] : [])),
  );
  for (const source of guards) source.settle('access');
  return guards.length > 0;
}

const isOff = (source: Source) => source.takeIf(false, 'false', 'False', 'disabled', 'none', '');
