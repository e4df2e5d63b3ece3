import { resourceName } from './objects.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'apply' | 'patch' | 'delete';

/** What a request asks of the API server, in its own terms. */
export interface RequestInfo {
  readonly verb: Verb;
  /** As kubectl writes it: `pods`, `services.serving.knative.dev`, `inferencemodels.dormouse.dev/status`. */
  readonly resource: string;
}

/** Group, then all that follows the version and a namespace: plural, name, subresource. */
const resourcePath =
  /^\/(?:api|apis\/([^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/(?=.))?([^/]+)(\/[^/]+)?(\/[^/]+)?$/;

const verbs: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Reads a request as the API server itself does, by its path. */
export function requestInfo(method: string, path: string, watch: boolean, contentType = ''): RequestInfo {
  const [, group = '', plural = '', name, subresource = ''] = resourcePath.exec(path) ?? [];
  const resource = resourceName({ group, plural }) + subresource;
  if (contentType.startsWith('application/apply-patch')) return { verb: 'apply', resource };
  return { verb: verbs[method] ?? (watch ? 'watch' : name ? 'get' : 'list'), resource };
}
