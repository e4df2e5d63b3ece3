import type { Source } from './source.ts';

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
  for (const source of guards) source.say('access');
  return guards.length > 0;
}

const isOff = (source: Source) => source.takeIf(false, 'false', 'False', 'disabled', 'none', '');
