import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import type { KnativeServiceObject, Observed, PodObject, RevisionObject } from '#knative/objects.ts';
import { inferenceModelStatus } from '#status/inferencemodel.ts';
import type { Outcome } from '#status/outcome.ts';

/** The revision that the newest spec asks for. */
export const wanted = 'iris-new';
export const applied: Outcome = { type: 'applied', revision: wanted };
export const nothing: Observed = { service: undefined, revisions: [], pods: [] };

type Condition = NonNullable<NonNullable<KnativeServiceObject['status']>['conditions']>[number];

export function service(
  traffic: Readonly<Record<string, number>>,
  routed: Condition['status'] = 'True',
  condition: Partial<Condition> = {},
): KnativeServiceObject {
  return {
    metadata: { name: 'iris', generation: 2 },
    spec: {
      template: {
        metadata: { name: wanted },
        spec: { containers: [{ name: 'server', ports: [{ containerPort: 8080 }] }] },
      },
    },
    status: {
      observedGeneration: 2,
      url: 'http://iris.default.example.test',
      address: { url: 'http://iris.default.svc.cluster.local' },
      traffic: Object.entries(traffic).map(([revisionName, percent]) => ({ revisionName, percent })),
      conditions: [{ type: 'RoutesReady', status: routed, ...condition }],
    },
  };
}

export function revision(
  name: string,
  ready: 'True' | 'False' | 'Unknown',
  replicas = 0,
  desired = replicas,
  condition: Partial<Condition> = {},
): RevisionObject {
  return {
    metadata: { name },
    status: {
      actualReplicas: replicas,
      desiredReplicas: desired,
      conditions: [
        { type: 'Ready', status: ready, reason: 'ExitCode1', message: 'Container failed', ...condition },
      ],
    },
  };
}

export function pod(status: PodObject['status'], of = wanted): PodObject {
  return { metadata: { name: 'pod', labels: { 'serving.knative.dev/revision': of } }, status };
}

export const waiting = (reason: string, message: string) =>
  pod({ containerStatuses: [{ name: 'server', state: { waiting: { reason, message } } }] });

/** When all statuses of these tests are made. */
export const now = (): number => Date.parse('2026-01-01T00:00:00Z');

export function statusOf(observed: Observed, outcome: Outcome = applied, before?: InferenceModelStatus) {
  return inferenceModelStatus({ generation: 3, before, observed, outcome, now: now() }).status;
}

export const unschedulable = pod({
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }],
});
