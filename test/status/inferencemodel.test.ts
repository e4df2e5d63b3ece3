import { describe, expect, it } from 'vitest';
import type { InferenceModelStatus } from '../../src/api/status.ts';
import { inferenceModelStatus, type Outcome } from '../../src/status/inferencemodel.ts';
import type { KnativeServiceObject, Observed, PodObject, RevisionObject } from '../../src/status/observed.ts';

const wanted = 'iris-new';
const applied: Outcome = { type: 'applied', revision: wanted };
const nothing: Observed = { service: undefined, revisions: [], pods: [] };

function service(traffic: Readonly<Record<string, number>>, routed = 'True'): KnativeServiceObject {
  return {
    metadata: { name: 'iris', generation: 2 },
    status: {
      observedGeneration: 2,
      url: 'http://iris.default.example.test',
      address: { url: 'http://iris.default.svc.cluster.local' },
      traffic: Object.entries(traffic).map(([revisionName, percent]) => ({ revisionName, percent })),
      conditions: [{ type: 'RoutesReady', status: routed as 'True' }],
    },
  };
}

function revision(
  name: string,
  ready: 'True' | 'False' | 'Unknown',
  replicas = 0,
  desired = replicas,
): RevisionObject {
  return {
    metadata: { name },
    status: {
      actualReplicas: replicas,
      desiredReplicas: desired,
      conditions: [{ type: 'Ready', status: ready, reason: 'ExitCode1', message: 'Container failed' }],
    },
  };
}

function pod(status: PodObject['status'], of = wanted): PodObject {
  return { metadata: { name: 'pod', labels: { 'serving.knative.dev/revision': of } }, status };
}

const waiting = (reason: string, message: string) =>
  pod({ containerStatuses: [{ name: 'server', state: { waiting: { reason, message } } }] });

function statusOf(observed: Observed, outcome: Outcome = applied, before?: InferenceModelStatus) {
  return inferenceModelStatus({ generation: 3, before, observed, outcome, now: '2026-01-01T00:00:00Z' });
}

/** The status in a line: its state and the conditions that are True. */
function summary(status: InferenceModelStatus): string {
  const holding = status.conditions
    ?.filter((condition) => condition.status === 'True')
    .map(({ type }) => type);
  return [status.state, ...(holding ?? [])].join(' ');
}

const serving = service({ [wanted]: 100 });

describe('a model', () => {
  it.each<[string, Observed, string]>([
    ['just applied', nothing, 'Waking Accepted Reconciling'],
    [
      'whose first pod starts',
      { ...nothing, revisions: [revision(wanted, 'Unknown', 0, 1)] },
      'Waking Accepted Reconciling',
    ],
    [
      'that serves',
      { ...nothing, service: serving, revisions: [revision(wanted, 'True', 2)] },
      'Awake Ready Available Accepted',
    ],
    [
      'that sleeps',
      { ...nothing, service: serving, revisions: [revision(wanted, 'True')] },
      'Asleep Ready Available Accepted',
    ],
    [
      'that wakes',
      { ...nothing, service: serving, revisions: [revision(wanted, 'True', 0, 1)] },
      'Waking Ready Available Accepted',
    ],
    [
      'whose new revision starts beside the old one',
      {
        ...nothing,
        service: service({ old: 100 }),
        revisions: [revision('old', 'True', 1), revision(wanted, 'Unknown', 0, 1)],
      },
      'RollingOut Available Accepted Reconciling',
    ],
    [
      'whose new revision failed beside the old one',
      {
        ...nothing,
        service: service({ old: 100 }),
        revisions: [revision('old', 'True', 1), revision(wanted, 'False')],
      },
      'Failed Available Accepted Stalled',
    ],
    [
      'whose only revision failed',
      { ...nothing, service: service({}, 'False'), revisions: [revision(wanted, 'False')] },
      'Failed Accepted Stalled',
    ],
    [
      'that is ready and whose route is not',
      {
        ...nothing,
        service: service({ [wanted]: 100 }, 'Unknown'),
        revisions: [revision(wanted, 'True', 1)],
      },
      'Waking Accepted Reconciling',
    ],
  ])('%s', (_, observed, expected) => {
    expect(summary(statusOf(observed))).toBe(expected);
  });

  it('stays Available while its Route is moved to a new revision', () => {
    const before = statusOf({
      ...nothing,
      service: service({ old: 100 }),
      revisions: [revision('old', 'True', 1)],
    });
    const moving = {
      ...nothing,
      service: service({ old: 100 }, 'Unknown'),
      revisions: [revision('old', 'True', 1)],
    };
    expect(summary(statusOf(moving, applied, before))).toBe('RollingOut Available Accepted Reconciling');
  });

  it('shows where it is reached, what serves, and with which image', () => {
    const awake = revision(wanted, 'True', 2);
    const digest = `registry.example/iris@sha256:${'a'.repeat(64)}`;
    const withImage = {
      ...awake,
      status: { ...awake.status, containerStatuses: [{ name: 'server', imageDigest: digest }] },
    };
    expect(statusOf({ ...nothing, service: serving, revisions: [withImage] })).toMatchObject({
      url: 'http://iris.default.example.test',
      address: { url: 'http://iris.default.svc.cluster.local' },
      replicas: 2,
      revisions: [{ name: wanted, percent: 100, ready: true, replicas: 2, image: digest }],
    });
  });

  it('keeps the time of a condition while its status stays', () => {
    const observed = { ...nothing, service: serving, revisions: [revision(wanted, 'True', 1)] };
    const before = statusOf(observed);
    const later = inferenceModelStatus({
      generation: 3,
      before,
      observed,
      outcome: applied,
      now: '2026-01-02T00:00:00Z',
    });
    expect(later).toEqual(before);
  });
});

describe('the reason why a model is not Ready', () => {
  const ready = (observed: Observed, outcome?: Outcome) =>
    statusOf(observed, outcome).conditions?.find(({ type }) => type === 'Ready');

  it.each<[string, PodObject, string, string]>([
    [
      'of a missing Secret',
      waiting('CreateContainerConfigError', 'secret "token" not found'),
      'CreateContainerConfigError',
      'container server: secret "token" not found',
    ],
    [
      'of an image that cannot be pulled',
      waiting('ImagePullBackOff', 'Back-off pulling image "x"'),
      'ImagePullBackOff',
      'container server: Back-off pulling image "x"',
    ],
    [
      'of a server that crashes, in its own last words',
      pod({
        containerStatuses: [
          {
            name: 'server',
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
            lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'no model at /mnt\n' } },
          },
        ],
      }),
      'ContainerExited',
      'container server exited with code 3: no model at /mnt',
    ],
    [
      'of a server out of memory',
      pod({
        containerStatuses: [
          { name: 'server', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        ],
      }),
      'OOMKilled',
      'container server was killed: it used more memory than spec.resources.limits.memory',
    ],
    [
      'of a pod that fits no node',
      pod({
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
        ],
      }),
      'Unschedulable',
      'no node takes the pod: 0/1 nodes',
    ],
  ])('is that %s', (_, failing, reason, message) => {
    expect(ready({ ...nothing, revisions: [revision(wanted, 'Unknown')], pods: [failing] })).toMatchObject({
      reason,
      message,
    });
  });

  it('is not a container that is being created, nor a pod of another revision', () => {
    const pods = [waiting('ContainerCreating', ''), pod({ containerStatuses: [] }, 'old')];
    expect(ready({ ...nothing, revisions: [revision(wanted, 'Unknown')], pods })).toMatchObject({
      reason: 'RevisionStarting',
    });
  });

  it("is Knative's own message once the pods are gone", () => {
    expect(ready({ ...nothing, revisions: [revision(wanted, 'False')] })).toMatchObject({
      message: 'Container failed',
    });
  });

  it.each<Outcome>([
    { type: 'refused', reason: 'NotAllowedByCluster', message: 'spec.scale.initial: not here' },
    { type: 'failed', error: new Error('the webhook does not answer') },
  ])('is what became of the reconcile: %j', (outcome) => {
    const message = outcome.type === 'refused' ? outcome.message : 'the webhook does not answer';
    expect(ready(nothing, outcome)).toMatchObject({ status: 'False', message });
  });
});
