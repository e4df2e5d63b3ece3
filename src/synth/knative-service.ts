import { ApiObject, App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Template } from './template.ts';

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

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
  readonly blockOwnerDeletion: boolean;
}

export interface KnativeServiceProps {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly spec: { readonly template: Template; readonly traffic: readonly TrafficTarget[] };
}

/** A Knative Service as it is applied. */
export interface KnativeServiceManifest extends KnativeServiceProps {
  readonly apiVersion: 'serving.knative.dev/v1';
  readonly kind: 'Service';
}

/**
 * The construct of a Knative Service. Not the one that `cdk8s import` makes of the CRD: that one drops every field it
 * does not know, and a live template must come through word for word.
 */
export class KnativeService extends ApiObject {
  constructor(scope: Construct, id: string, props: KnativeServiceProps) {
    super(scope, id, { apiVersion: 'serving.knative.dev/v1', kind: 'Service', ...props } as never);
  }
}

/** One Knative Service, out of an app of its own: a long-lived app would keep every construct. */
export function manifestOf(props: KnativeServiceProps): KnativeServiceManifest {
  const chart = new Chart(new App(), 'model', { disableResourceNameHashes: true });
  return new KnativeService(chart, 'service', props).toJson();
}
