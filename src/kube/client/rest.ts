import { type Dispatcher, errors } from 'undici';
import { type Clock, systemClock } from '#base/clock.ts';
import { abortable, withDeadline } from '#base/deadline.ts';
import type {
  ApplyOptions,
  Client,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  RequestOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { Authorization, Connection } from './connection.ts';
import { fenced } from './dispatcher.ts';
import {
  ConnectionError,
  explained,
  isUnauthorized,
  messageOf,
  type Status,
  WatchEventError,
} from './errors.ts';
import type { GroupVersionResource, KubernetesObject, NamespacedName } from './objects.ts';
import {
  type Call,
  collectionPath,
  jsonOf,
  objectPath,
  queryString,
  type RequestReport,
  requestInfo,
  title,
  writeQuery,
} from './requests.ts';
import { apiError, lines, warnings } from './responses.ts';

const defaultTimeoutMs = 30_000;
const defaultIdleMs = 90_000;
/** Far above the 1.5 MiB that etcd takes for one object. */
const maxLineBytes = 16 * 1024 * 1024;

export interface RestClientOptions {
  readonly userAgent?: string;
  /** Called with each warning that the server sends along with an answer. */
  readonly onWarning?: (text: string, request: string) => void;
  /** Called just before a write leaves this process; what it throws keeps the write back. */
  readonly beforeWrite?: () => void;
  /** Called after each request, with or without an answer. It must not throw. */
  readonly onRequest?: (report: RequestReport) => void;
  readonly clock?: Clock;
}

interface RawList<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

/** Sends JSON to the Kubernetes API. Only a 401 is retried, once: of other failures the caller knows what to make. */
export class RestClient implements Client {
  readonly #connection: Connection;
  readonly #origin: string;
  readonly #host: string;
  readonly #prefix: string;
  readonly #userAgent: string;
  readonly #onWarning: (text: string, request: string) => void;
  readonly #beforeWrite: (() => void) | undefined;
  readonly #onRequest: ((report: RequestReport) => void) | undefined;
  readonly #clock: Clock;

  constructor(connection: Connection, options: RestClientOptions = {}) {
    this.#connection = connection;
    const { origin, host, pathname } = new URL(connection.server);
    this.#origin = origin;
    this.#host = host;
    this.#prefix = pathname.replace(/\/$/, '');
    this.#userAgent = options.userAgent ?? 'kube';
    this.#onWarning = options.onWarning ?? (() => {});
    this.#beforeWrite = options.beforeWrite;
    this.#onRequest = options.onRequest;
    this.#clock = options.clock ?? systemClock;
  }

  /** Reads a path that is no resource, such as `/version`. */
  read<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.#call<T>({ method: 'GET', path }, options);
  }

  /** The text at a path that has no JSON, such as the log of a container, as it comes; a silent server is waited for. */
  async *text(
    path: string,
    query: Readonly<Record<string, string | number | boolean | undefined>>,
    signal?: AbortSignal,
  ): AsyncGenerator<string> {
    const call: Call = { method: 'GET', path, query };
    try {
      const { body } = await this.#authorized(signal, (authorization) =>
        this.#send(call, authorization, { signal, headersTimeout: defaultTimeoutMs }),
      );
      for await (const chunk of body.setEncoding('utf8')) yield chunk;
    } catch (error) {
      throw explained(error, title(call), signal);
    }
  }

  get<T extends KubernetesObject>(
    resource: GroupVersionResource,
    name: NamespacedName,
    options?: RequestOptions,
  ) {
    return this.#call<T>({ method: 'GET', path: objectPath(resource, name) }, options);
  }

  async list<T extends KubernetesObject>(
    resource: GroupVersionResource,
    options: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const { signal: _, timeoutMs: __, namespace, ...query } = options;
    const path = collectionPath(resource, namespace);
    const list = await this.#call<RawList<T>>({ method: 'GET', path, query }, options);
    const { resourceVersion, continue: next } = list.metadata;
    // Items of a list leave out what the list says once; with it they equal the objects of a watch.
    const type = { apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, '') };
    const items = list.items.map((item) => ({ ...type, ...item }));
    return { items, resourceVersion, ...(next ? { continue: next } : {}) };
  }

  async *watch<T extends KubernetesObject>(
    resource: GroupVersionResource,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const { signal, timeoutMs, idleTimeoutMs = defaultIdleMs, namespace, ...selection } = options;
    const whole = selection.sendInitialEvents && { resourceVersionMatch: 'NotOlderThan' };
    const query = { ...selection, ...whole, watch: true, allowWatchBookmarks: true };
    const call: Call = { method: 'GET', path: collectionPath(resource, namespace), query };
    try {
      const limits = { signal, headersTimeout: timeoutMs ?? defaultTimeoutMs, bodyTimeout: idleTimeoutMs };
      const { body } = await this.#authorized(signal, (authorization) =>
        this.#send(call, authorization, limits),
      );
      for await (const line of lines(body, maxLineBytes)) {
        const event = JSON.parse(line) as WatchEvent<T> | { readonly type: 'ERROR'; readonly object: Status };
        if (event.type === 'ERROR')
          throw new WatchEventError(title(call), event.object.code ?? 500, event.object);
        yield event;
      }
    } catch (error) {
      if (error instanceof errors.BodyTimeoutError) return;
      throw explained(error, title(call), signal);
    }
  }

  create<T extends KubernetesObject>(resource: GroupVersionResource, object: T, options: WriteOptions) {
    const path = collectionPath(resource, object.metadata.namespace);
    const query = writeQuery(options);
    return this.#call<T>(
      { method: 'POST', path, query, body: object, contentType: 'application/json' },
      options,
    );
  }

  apply<T extends KubernetesObject>(resource: GroupVersionResource, object: T, options: ApplyOptions) {
    return this.#apply(objectPath(resource, object.metadata), object, options);
  }

  applyStatus<T extends KubernetesObject>(resource: GroupVersionResource, object: T, options: ApplyOptions) {
    return this.#apply(`${objectPath(resource, object.metadata)}/status`, object, options);
  }

  patch<T extends KubernetesObject>(
    resource: GroupVersionResource,
    name: NamespacedName,
    patch: object,
    options: PatchOptions,
  ) {
    const path = objectPath(resource, name) + (options.subresource ? `/${options.subresource}` : '');
    const contentType = 'application/merge-patch+json';
    return this.#call<T>(
      { method: 'PATCH', path, query: writeQuery(options), body: patch, contentType },
      options,
    );
  }

  async delete(
    resource: GroupVersionResource,
    name: NamespacedName,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { propagationPolicy, preconditions } = options;
    const query = { dryRun: options.dryRun ? 'All' : undefined };
    const body = { propagationPolicy, preconditions };
    const path = objectPath(resource, name);
    await this.#call({ method: 'DELETE', path, query, body, contentType: 'application/json' }, options);
  }

  #apply<T extends KubernetesObject>(path: string, object: T, options: ApplyOptions): Promise<T> {
    const query = { ...writeQuery(options), force: options.force };
    // The media type says YAML, of which JSON is a part.
    const contentType = 'application/apply-patch+yaml';
    return this.#call<T>({ method: 'PATCH', path, query, body: object, contentType }, options);
  }

  async #call<T>(call: Call, options: RequestOptions = {}): Promise<T> {
    const ms = options.timeoutMs ?? defaultTimeoutMs;
    const late = () => new ConnectionError(`no answer to ${title(call)} within ${ms / 1000} s`);
    return this.#authorized(options.signal, (authorization) =>
      withDeadline({ clock: this.#clock, ms, late, parent: options.signal }, async (signal) => {
        try {
          const { body } = await this.#send(call, authorization, { signal });
          return (await body.json()) as T;
        } catch (error) {
          throw explained(error, title(call), signal);
        }
      }),
    );
  }

  /** Makes a request, and once more with new credentials, if there are some, where the server does not take the first ones. */
  async #authorized<T>(
    signal: AbortSignal | undefined,
    request: (authorization: Authorization) => Promise<T>,
  ): Promise<T> {
    const first = await this.#authorize(signal);
    try {
      return await request(first);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      const second = await this.#authorize(signal, first);
      if (second.credential === first.credential) throw error;
      return request(second);
    }
  }

  /** Waits for credentials, which no deadline of a request limits: a user may have to log in. */
  async #authorize(signal: AbortSignal | undefined, rejected?: Authorization): Promise<Authorization> {
    signal?.throwIfAborted();
    const authorization = this.#connection.authorize(rejected);
    try {
      return await (signal ? abortable(authorization, signal) : authorization);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new ConnectionError(messageOf(error), { cause: error });
    }
  }

  /** Gives an answer that is no error, its body unread. Undici's own time limits are off unless they are given. */
  async #send(
    call: Call,
    { headers, dispatcher }: Authorization,
    limits: { readonly signal: AbortSignal | undefined; headersTimeout?: number; bodyTimeout?: number },
  ): Promise<Dispatcher.ResponseData> {
    const { signal = null, headersTimeout = 0, bodyTimeout = 0 } = limits;
    const report = this.#reporter(call);
    const isFenced = this.#beforeWrite && call.method !== 'GET';
    const request = (isFenced ? fenced(dispatcher, this.#beforeWrite) : dispatcher).request({
      origin: this.#origin,
      path: this.#prefix + call.path + queryString(call.query),
      method: call.method,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(call.contentType ? { 'content-type': call.contentType } : {}),
      },
      body: call.body ? jsonOf(call.body) : null,
      headersTimeout,
      bodyTimeout,
      signal,
    });
    request.then(
      ({ statusCode }) => report(statusCode),
      () => report(),
    );
    const response = await request;
    for (const text of warnings(response.headers.warning)) this.#onWarning(text, title(call));
    if (response.statusCode >= 400) throw await apiError(title(call), response);
    return response;
  }

  /** Gives what is to be called with the status code of the answer, or with nothing if there is none. */
  #reporter({ method, path, query, contentType }: Call): (code?: number) => void {
    const onRequest = this.#onRequest;
    if (!onRequest) return () => {};
    const started = performance.now();
    const info = requestInfo(method, path, query?.watch === true, contentType);
    return (code) => {
      const seconds = (performance.now() - started) / 1000;
      onRequest({ ...info, method, host: this.#host, code, seconds });
    };
  }
}
