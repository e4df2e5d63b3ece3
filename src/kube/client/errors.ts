/** The part of a Kubernetes `Status` object that says what went wrong. */
export interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: StatusDetails;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly {
    readonly reason?: string;
    readonly message?: string;
    readonly field?: string;
  }[];
  readonly retryAfterSeconds?: number;
}

/** The API server refused a request. The message is the server's own. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status code. */
  readonly code: number;
  /** Machine-readable reason such as `NotFound`; empty if the answer came from something that is no API server. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** How long the server asks us to wait, in seconds. */
  readonly retryAfter: number | undefined;
  /** Method and path of the request. */
  readonly request: string;

  constructor(request: string, code: number, status: Status, retryAfter = status.details?.retryAfterSeconds) {
    super(status.message || `the server answered ${request} with status ${code}`);
    this.request = request;
    this.code = code;
    this.reason = status.reason ?? '';
    this.details = status.details ?? {};
    this.retryAfter = retryAfter;
  }
}

/** An ERROR event of a watch: the server ended it, and says why. */
export class WatchEventError extends ApiError {}

/** A request has no answer of an API server: nothing listens, the connection broke, or time ran out. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** What a caller is told of a request that failed: it names the request, unless the answer does or the caller ended it. */
export function explained(error: unknown, request: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ApiError || error instanceof ConnectionError) return error;
  return new ConnectionError(`${request}: ${messageOf(error)}`, { cause: error });
}

const hasCode =
  (code: number, ...reasons: string[]) =>
  (error: unknown): error is ApiError =>
    error instanceof ApiError && error.code === code && (!reasons.length || reasons.includes(error.reason));

export const isNotFound = hasCode(404);
/** The server does not know the caller. */
export const isUnauthorized = hasCode(401);
/** The caller has no right to it. */
export const isForbidden = hasCode(403);
/** The object changed meanwhile, or another field manager owns a field; not "already exists". */
export const isConflict = hasCode(409, 'Conflict', '');
export const isAlreadyExists = hasCode(409, 'AlreadyExists');
/** The resourceVersion or continue token has left the server's window: only a new list helps. */
export const isGone = hasCode(410);

/** The namespace is being deleted: nothing can be made in it any more, and nothing needs to be. */
export const isNamespaceTerminating = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  (error.details.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');

/** The server cannot make sense of the request, and never will. */
export function isRejected(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.code === 400 || error.code === 422);
}

/**
 * A precondition on the uid does not hold: another object has taken the name. The API server answers an apply with 422
 * and not with 409 (apimachinery `ValidateObjectMetaAccessorUpdate`).
 */
export const isPrecondition = (error: unknown): boolean =>
  error instanceof ApiError && (error.details.causes ?? []).some(({ field }) => field === 'metadata.uid');

/** The page of a load balancer may ask for an hour, for which no watch would be open. The API server asks for seconds. */
const maxRetryAfterMs = 60_000;

/** Milliseconds for which the server asked clients to wait (429 and 503), at most a minute; 0 if it did not. */
export function retryAfterMs(error: unknown): number {
  return error instanceof ApiError ? Math.min((error.retryAfter ?? 0) * 1000, maxRetryAfterMs) : 0;
}

/** One line for any thrown value. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A refused connection to a host with several addresses arrives as an AggregateError without a message.
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
