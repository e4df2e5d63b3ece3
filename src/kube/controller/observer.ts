import type { RequestInfo } from '../client/requestinfo.ts';

/** How a reconcile ended. */
export type ReconcileResult = 'success' | 'requeue_after' | 'error';

/** Is told what a controller does, for whoever keeps numbers of it. It must not throw. */
export interface ControllerObserver {
  /** A key waits for a worker, also if it is being worked on and must come once more. */
  queued(key: string): void;
  /** A worker took the key. */
  started(key: string): void;
  ended(key: string, result: ReconcileResult): void;
}

export const unobserved: ControllerObserver = { queued() {}, started() {}, ended() {} };

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
