import type { Dispatcher } from 'undici';
import type { WriteOptions } from './client.ts';
import { type GroupVersionResource, type NamespacedName, resourceName } from './objects.ts';

/** The URL path of all objects of a resource, in one namespace or in all. */
export function collectionPath(
  { group, version, plural, namespaced }: GroupVersionResource,
  namespace?: string,
): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  return namespaced && namespace
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${root}/${plural}`;
}

/** @throws if the resource is namespaced and the name has no namespace. */
export function objectPath(resource: GroupVersionResource, { namespace, name }: NamespacedName): string {
  if (resource.namespaced && !namespace) throw new Error(`${resource.plural} "${name}" needs a namespace`);
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

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

/** One request to the API server, once the server has answered or could not be reached. */
export interface RequestReport extends RequestInfo {
  /** The HTTP method. */
  readonly method: string;
  /** Host and port of the API server. */
  readonly host: string;
  /** HTTP status code, missing if there was no answer. */
  readonly code: number | undefined;
  /** Until the head of the answer; a watch goes on after that. */
  readonly seconds: number;
}

/** A request as it is sent. */
export interface Call {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  readonly contentType?: string;
}

/**
 * JSON that is YAML too, as which an apply is read: characters that YAML forbids, or takes for the end of a line, are
 * escaped.
 */
export const jsonOf = (body: object): string =>
  JSON.stringify(body).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const title = (call: Call): string => `${call.method} ${call.path}`;

export function writeQuery({
  fieldManager,
  dryRun,
  fieldValidation,
}: WriteOptions): NonNullable<Call['query']> {
  return { fieldManager, dryRun: dryRun ? 'All' : undefined, fieldValidation };
}

export function queryString(query: Call['query'] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
  return params.size > 0 ? `?${params}` : '';
}
