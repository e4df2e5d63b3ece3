/** One share of a model's requests, pinned to a revision by name. */
export interface TrafficTarget {
  readonly revisionName: string;
  readonly latestRevision: false;
  readonly percent: number;
}

/**
 * All requests to one revision. Knative's Route keeps the old revision serving until this one is ready, and for good
 * where it never is.
 */
export const pinned = (revisionName: string): TrafficTarget[] => [
  { revisionName, latestRevision: false, percent: 100 },
];
