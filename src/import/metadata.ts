import * as z from 'zod';
import type { PartReason } from './reasons.ts';
import type { Source } from './source.ts';

const byCluster = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'selfLink'],
  ...['deletionGracePeriodSeconds', 'managedFields', 'ownerReferences', 'finalizers'],
];

/** Labels and annotations that are not for whoever reads the object, by how their keys begin. */
const others: readonly (readonly [PartReason, RegExp])[] = [
  ['by-cluster', /^(kubectl\.kubernetes\.io|internal\.serving\.kserve\.io)\//],
  ['owner', /^(argocd\.argoproj\.io|meta\.helm\.sh|helm\.sh|(kustomize|helm)\.toolkit\.fluxcd\.io)\//],
  ['owner', /^app\.kubernetes\.io\/managed-by$/],
  ['metrics', /^(prometheus\.io|prometheus\.kserve\.io)\//],
  ['metrics', /^serving\.kserve\.io\/enable-(prometheus-scraping|metric-aggregation)$/],
  ['pod', /^([-a-z]+\.)*istio\.io\//],
  ['no-field', /^([-a-z]+\.)*(kserve\.io|knative\.dev|seldon\.io|dormouse\.dev)\//],
];

/** Labels or annotations for pods, which nobody has taken. */
export function settlePodMetadata(map: Source): void {
  for (const [key, source] of map.entries()) {
    const reason = others.find(([, form]) => form.test(key))?.[0] ?? 'pod';
    source.settle(reason === 'owner' ? 'pod' : reason);
  }
}

export interface Metadata {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The metadata of the object that comes out; labels and annotations that were taken before are not in it. */
export function readMetadata(from: Source): Metadata {
  for (const name of byCluster) from.at(name).settle('by-cluster');
  return {
    name: from.at('name').read(z.string()),
    namespace: from.at('namespace').read(z.string()),
    labels: carried(from.at('labels')),
    annotations: carried(from.at('annotations')),
  };
}

function carried(map: Source): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, source] of map.entries()) {
    const reason = others.find(([, form]) => form.test(key))?.[0];
    if (source.settled) continue;
    if (reason) source.settle(reason);
    else {
      const value = source.read(z.string());
      if (value !== undefined) kept[key] = value;
      source.note('metadata');
    }
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
