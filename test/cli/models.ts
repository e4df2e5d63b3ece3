import type { Condition, InferenceModelStatus, RevisionStatus } from '#api/v1alpha1/status.ts';
import type { FoundModel } from '#cli/cluster/model.ts';

export const created = '2026-01-01T00:00:00Z';
export const now = new Date('2026-01-01T03:00:00Z');

export const condition = (
  type: string,
  status: Condition['status'],
  reason = 'Serving',
  message = '',
): Condition => ({ type, status, reason, message, lastTransitionTime: created });

export const asleep: RevisionStatus = {
  name: 'iris-a',
  percent: 100,
  ready: true,
  replicas: 0,
  runtime: 'mlserver-sklearn@1.7.1',
  delivery: 'Sidecar',
};

/** A model asleep, as the operator reports it, with what a test wants to differ. */
export function found(status: InferenceModelStatus = {}, spec: FoundModel['spec'] = {}): FoundModel {
  return {
    metadata: { name: 'iris', namespace: 'default', generation: 3, creationTimestamp: created },
    spec: { model: { format: 'sklearn', uri: 's3://models/iris/v3' }, ...spec },
    status: {
      observedGeneration: 3,
      state: 'Asleep',
      url: 'http://iris.default.example.test',
      address: { url: 'http://iris.default.svc.cluster.local' },
      replicas: 0,
      revisions: [asleep],
      conditions: [condition('Ready', 'True'), condition('Available', 'True'), condition('Accepted', 'True')],
      ...status,
    },
  };
}
