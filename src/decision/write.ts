import type { RevisionObject } from '#knative/objects.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';

/** A server-side apply of a model's Knative Service. */
export interface ServiceWrite {
  readonly type: 'service';
  /** With the preconditions in its metadata: see {@link Precondition}. */
  readonly manifest: KnativeServiceManifest & { readonly metadata: Precondition };
  /** Whether a Service of this model is known to exist; only then may fields be taken from other managers. */
  readonly exists: boolean;
}

/**
 * What the API server must check before an apply. `uid`: this very object; another one is answered with 422.
 * `resourceVersion`: unchanged since it was seen; another one is answered with 409. Both are fields of the applied object.
 */
export interface Precondition {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** A merge patch of the annotations of a live Revision; null takes one away. */
export interface ScaleWrite {
  readonly type: 'scale';
  readonly revision: RevisionObject;
  readonly annotations: Readonly<Record<string, string | null>>;
}

export type Write = ServiceWrite | ScaleWrite;
