import { describe, expect, test } from 'vitest';
import type { ContainerStatus, PodObject } from '#knative/objects.ts';
import { inspectPods } from '#status/pods.ts';
import { serverFacts } from '#status/server-facts.ts';
import { pod } from './fixtures.ts';

const now = Date.parse('2026-01-01T00:01:00Z');
const deadlineMs = 600_000;
const server = serverFacts({
  metadata: { annotations: { 'dormouse.dev/runtime': 'mlserver@1' } },
  spec: {
    containers: [
      {
        name: 'server',
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/v2/models/iris/ready', port: 0 } },
        resources: { limits: { memory: '512Mi' } },
      },
      { name: 'fetch' },
    ],
  },
});
const own = serverFacts({ spec: { containers: [{ name: 'server', ports: [{ containerPort: 9999 }] }] } });

const podOf = (isReady: boolean, ...statuses: ContainerStatus[]): PodObject =>
  pod({ conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }], containerStatuses: statuses });
/** Containers of a pod that is not ready. */
const containers = (...statuses: ContainerStatus[]): PodObject => podOf(false, ...statuses);
const running = (startedAt: string): ContainerStatus => ({
  name: 'server',
  // The kubelet does not ask it: Knative has queue-proxy do so.
  ready: true,
  restartCount: 0,
  state: { running: { startedAt } },
});
const exited = (exitCode: number, message = '', reason = 'Error'): ContainerStatus => ({
  name: 'server',
  // The kubelet does not ask it: Knative has queue-proxy do so.
  ready: true,
  restartCount: 2,
  state: { running: { startedAt: '2026-01-01T00:00:59Z' } },
  lastState: { terminated: { exitCode, message, reason } },
});

const traceback = `INFO: Started server process
Traceback (most recent call last):
  File "/opt/x.py", line 1, in <module>
    model = joblib.load(path)
AttributeError: Can't get attribute 'AddRatio' on <module '__main__'>
INFO: Shutting down
`;
const cancelled = `  File "/opt/x.py", line 1, in <module>
    raise XGBoostError(message)
xgboost.core.XGBoostError: wrong model format
  File "/usr/lib/python3.9/asyncio/queues.py", line 166, in get
    await getter
asyncio.exceptions.CancelledError
`;
const accessLog = `loading
INFO: 10.0.0.1 - "GET /v2/health/ready HTTP/1.1" 200 OK
segfault in predict(): bad row
INFO: 10.0.0.1 - "GET /v2/health/ready HTTP/1.1" 200 OK`;
const raisedByClass = `  File "/opt/mlserver/settings.py", line 9, in load
    raise InvalidModelURI(name)
mlserver.errors.InvalidModelURI: Invalid URI specified for model iris
INFO: Shutting down
`;
const triton = `| cache_enabled | 0 |
E1128 08:22:09.408521 7 model_lifecycle.cc:642] "failed to load 'iris' version 1: Internal: Protobuf parsing failed.\\n\\nAt:\\n  /opt/x.py(480): create"
I1128 08:22:09.425322 7 server.cc:336] "All models are stopped, unloading models"
error: creating server: Internal - failed to load all models
`;
const xgboost =
  'xgboost.core.XGBoostError: [08:04:23] /workspace/src/learner.cc:1002: BoostLearner: wrong model format';
const pull =
  'failed to pull and unpack image "dev.local/no:1": failed to resolve reference "dev.local/no:1": failed to do request: Head "https://dev.local/v2/no/manifests/1": dial tcp: lookup dev.local: no such host';
const runc =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "python3": executable file not found in $PATH';

describe('the cause of a failure, in a sentence and under one reason', () => {
  test.each([
    {
      name: 'a server that restarts, while it runs again',
      given: containers(exited(3, 'no model at /mnt')),
      want: ['ContainerExited', 'container server exited with code 3: no model at /mnt'],
    },
    {
      name: 'a server that ends with 0',
      given: containers(exited(0, '', 'Completed')),
      want: [
        'ContainerExited',
        'container server exited with code 0, and left no message: kubectl logs -c server --previous of its pod shows its log',
      ],
    },
    {
      name: 'a traceback leads with its last line',
      given: containers(exited(1, traceback)),
      want: [
        'ContainerExited',
        "container server exited with code 1: AttributeError: Can't get attribute 'AddRatio' on <module '__main__'>",
      ],
    },
    {
      name: 'an exception of what is ended with the server is no cause',
      given: containers(exited(1, cancelled)),
      want: [
        'ContainerExited',
        'container server exited with code 1: xgboost.core.XGBoostError: wrong model format',
      ],
    },
    {
      name: 'an exception need not be called Error',
      given: containers(exited(1, raisedByClass)),
      want: [
        'ContainerExited',
        'container server exited with code 1: mlserver.errors.InvalidModelURI: Invalid URI specified for model iris',
      ],
    },
    {
      name: 'an error of Triton comes before its last words',
      given: containers(exited(1, triton)),
      want: [
        'ContainerExited',
        "container server exited with code 1: failed to load 'iris' version 1: Internal: Protobuf parsing failed",
      ],
    },
    {
      name: 'the time of day is left out, so that the next restart says the same',
      given: containers(exited(1, xgboost)),
      want: [
        'ContainerExited',
        'container server exited with code 1: xgboost.core.XGBoostError: /workspace/src/learner.cc:1002: BoostLearner: wrong model format',
      ],
    },
    {
      name: 'requests in a log are no cause',
      given: containers(exited(1, accessLog)),
      want: [
        'ContainerExited',
        'container server exited with code 1: loading; segfault in predict(): bad row',
      ],
    },
    {
      name: 'memory that ran out says how much there was',
      given: containers(exited(137, '', 'OOMKilled')),
      want: [
        'OOMKilled',
        'container server was killed: it used more memory than spec.resources.limits.memory (512Mi)',
      ],
    },
    {
      name: 'a chain of image errors leads with its end',
      given: containers({ name: 'server', state: { waiting: { reason: 'ErrImagePull', message: pull } } }),
      want: [
        'ImagePullFailed',
        'the image of container server cannot be pulled: Head "https://dev.local/v2/no/manifests/1": dial tcp: lookup dev.local: no such host',
      ],
    },
    {
      name: 'a command that is not in the image, when it waits',
      given: containers({
        name: 'server',
        state: { waiting: { reason: 'RunContainerError', message: runc } },
      }),
      want: [
        'ContainerCannotStart',
        'container server cannot start: exec: "python3": executable file not found in $PATH',
      ],
    },
    {
      name: 'and when it has ended, under the same reason',
      given: containers(exited(128, runc, 'StartError')),
      want: [
        'ContainerCannotStart',
        'container server cannot start: exec: "python3": executable file not found in $PATH',
      ],
    },
    {
      name: 'a server of a runtime that runs and does not answer',
      given: containers(running('2026-01-01T00:00:40Z')),
      want: [
        'ServerNotReady',
        'container server runs, and does not answer GET /v2/models/iris/ready on port 8080: its log says why the model is not loaded: kubectl logs -c server of its pod',
      ],
    },
  ])('$name', ({ given, want }) => {
    const { failure } = inspectPods([given], { now, server }, deadlineMs);
    expect([failure?.reason, failure?.message]).toEqual(want);
  });

  test('a container of the user that does not answer names what they can correct', () => {
    const { failure } = inspectPods(
      [containers(running('2026-01-01T00:00:40Z'))],
      { now, server: own },
      deadlineMs,
    );
    expect(failure?.message).toBe(
      'container server runs, and does not answer a connection on port 9999: correct spec.container.port or spec.container.readiness, or see its log',
    );
  });
});

describe('a pod whose node does not bring up its volumes', () => {
  const waiting = (scheduledAt: string, prepared: 'True' | 'False'): PodObject => ({
    ...pod({
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: scheduledAt },
        { type: 'PodReadyToStartContainers', status: prepared },
      ],
      containerStatuses: [{ name: 'server', state: { waiting: { reason: 'ContainerCreating' } } }],
    }),
    metadata: { name: 'iris-1', namespace: 'models' },
  });
  const report = (...given: Parameters<typeof waiting>) =>
    inspectPods([waiting(...given)], { now, server }, deadlineMs);

  test('is given half a minute, and then says where the cause is', () => {
    expect(report('2026-01-01T00:00:40Z', 'False')).toMatchObject({
      failure: undefined,
      recheckAfterMs: 10_000,
    });
    expect(report('2026-01-01T00:00:20Z', 'False').failure).toEqual({
      reason: 'PodNotPrepared',
      message:
        'its node has not brought up the volumes or the network of a pod: kubectl describe pod -n models iris-1 says why, and a claim that is ReadWriteOnce is of one node at a time',
      kind: 'Unready',
    });
    expect(report('2026-01-01T00:00:20Z', 'True').failure).toBeUndefined();
  });
});

describe('what is no failure', () => {
  test.each([
    {
      name: 'an exit of long ago',
      given: containers({
        ...exited(137, '', 'OOMKilled'),
        state: { running: { startedAt: '2025-12-31T23:00:00Z' } },
      }),
      want: 'ServerNotReady',
    },
    { name: 'an exit of a moment ago', given: containers(exited(137, '', 'OOMKilled')), want: 'OOMKilled' },
  ])('$name counts as a cause only while it is recent', ({ given, want }) => {
    expect(inspectPods([given], { now, server }, deadlineMs).failure?.reason).toBe(want);
  });

  test.each([
    {
      name: 'a server that has just started',
      given: containers(running('2026-01-01T00:00:50Z')),
      recheck: 5000,
    },
    {
      name: 'a server whose model is fetched beside it, for a minute',
      given: containers(running('2026-01-01T00:00:30Z'), {
        name: 'fetch',
        ready: true,
        state: { running: {} },
      }),
      recheck: 30_000,
    },
    {
      name: 'a fetch that is done',
      given: pod({ initContainerStatuses: [{ name: 'fetch', state: { terminated: { exitCode: 0 } } }] }),
      recheck: undefined,
    },
  ])('$name; it is looked at again', ({ given, recheck }) => {
    expect(inspectPods([given], { now, server }, deadlineMs)).toMatchObject({
      failure: undefined,
      recheckAfterMs: recheck,
    });
  });

  test('a pod that is not ready by its deadline is overdue, and is looked at again when that comes', () => {
    const made = (creationTimestamp: string): PodObject => ({
      ...containers(running('2026-01-01T00:00:00Z')),
      metadata: { name: 'pod', creationTimestamp },
    });
    const report = (creationTimestamp: string) =>
      inspectPods([made(creationTimestamp)], { now, server }, deadlineMs);
    expect(report('2026-01-01T00:00:00Z')).toMatchObject({ isOverdue: false, recheckAfterMs: 540_000 });
    expect(report('2025-12-31T23:51:00Z')).toMatchObject({ isOverdue: true, recheckAfterMs: undefined });
  });

  test('restarts of a pod that serves again are counted, with why', () => {
    const again = exited(137, '', 'OOMKilled');
    expect(inspectPods([podOf(true, again)], { now, server }, deadlineMs)).toMatchObject({
      failure: undefined,
      restarts: 2,
      lastRestart: expect.stringContaining('more memory'),
    });
  });
});
