import { describe, expect, it } from 'vitest';
import type { ModelObjects } from '#cli/status/model-objects.ts';
import { reportOf } from '#cli/status/report.ts';
import { reportText } from '#cli/status/text.ts';
import { plainScreen } from '#cli/terminal/output.ts';
import type { PodObject } from '#knative/objects.ts';
import { asleep, condition, found } from '../models.ts';

const of = (revision: string) => ({ labels: { 'serving.knative.dev/revision': revision } });
const crashing: PodObject = {
  metadata: { name: 'iris-b-pod', ...of('iris-b') },
  status: {
    containerStatuses: [
      {
        name: 'server',
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
        lastState: { terminated: { exitCode: 1, message: 'no model at /mnt/models\n' } },
      },
    ],
  },
};

/** A model whose newest revision fails, each object with the words that the cluster gives it. */
const failing: ModelObjects = {
  model: found({
    state: 'Failed',
    revisions: [asleep, { ...asleep, name: 'iris-b', percent: 0, ready: false }],
    conditions: [
      condition('Ready', 'False', 'ContainerExited', 'container server exited with code 1'),
      condition('Available', 'True'),
      condition('Stalled', 'True', 'ContainerExited', 'container server exited with code 1'),
    ],
  }),
  service: {
    metadata: { name: 'iris' },
    spec: { template: { metadata: { name: 'iris-b' } } },
    status: {
      conditions: [
        { type: 'ConfigurationsReady', status: 'False', reason: 'RevisionFailed', message: 'iris-b failed' },
        { type: 'RoutesReady', status: 'True' },
      ],
    },
  },
  revisions: [
    {
      metadata: { name: 'iris-b' },
      status: {
        actualReplicas: 0,
        desiredReplicas: 1,
        conditions: [
          { type: 'ResourcesAvailable', status: 'Unknown', reason: 'Deploying' },
          { type: 'Ready', status: 'False', reason: 'ExitCode1', message: 'Container failed' },
          { type: 'ContainerHealthy', status: 'False', reason: 'ExitCode1', message: 'Container failed' },
        ],
      },
    },
  ],
  deployments: [
    {
      metadata: { name: 'iris-b-deployment', ...of('iris-b') },
      status: {
        conditions: [
          { type: 'ReplicaFailure', status: 'False' },
          { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'none yet' },
        ],
      },
    },
  ],
  pods: [{ ...crashing, metadata: { name: 'iris-a-pod', ...of('iris-a') } }, crashing],
};

const alone = (model: ModelObjects['model']): ModelObjects => ({
  model,
  service: undefined,
  revisions: [],
  deployments: [],
  pods: [],
});
const shown = (world: ModelObjects) => reportText(reportOf(world));

describe('the status of a model', () => {
  it('asleep is healthy, and says what wakes it', () => {
    expect(shown(alone(found()))).toBe(`default/iris: Asleep
  No pod runs. The next request wakes it.

  Model      s3://models/iris/v3
  Server     mlserver-sklearn@1.7.1
  URL        http://iris.default.example.test (ClusterLocal)
  Within     http://iris.default.svc.cluster.local
  Delivery   Sidecar

  REVISION   TRAFFIC   STATE    REPLICAS   RUNTIME
  iris-a     100 %     asleep   0          mlserver-sklearn@1.7.1
`);
  });

  it('names the image that stands in the place of that of its runtime', () => {
    const model = found({}, { runtime: { image: 'registry.example/own:1' } });
    expect(reportOf(alone(model)).server).toBe('mlserver-sklearn@1.7.1, image registry.example/own:1');
  });

  it('that failed tells why, from the container up to the model', () => {
    expect(shown(failing)).toContain(`
  Why, from the root cause upward:
    Pod iris-b-pod: ContainerExited: container server exited with code 1: no model at /mnt/models
    └─ Deployment iris-b-deployment: MinimumReplicasUnavailable: none yet
       └─ Revision iris-b: ExitCode1: Container failed
          └─ Knative Service iris: RevisionFailed: iris-b failed
             └─ InferenceModel iris: ContainerExited

  To try again: dormouse restart iris
`);
  });

  const crashed = {
    ...failing,
    log: {
      container: 'server',
      lines: ["AttributeError: Can't get attribute 'AddRatio' on <module '__main__'>"],
      command: 'kubectl logs -n default iris-b-pod -c server --previous',
    },
  };

  it('that crashed shows the end of its log, how to read the rest, and what it means', () => {
    expect(shown(crashed)).toContain(`
  Hint: the class AddRatio is not in the image of the server: save it from a module of its own, and name an image with that module in spec.runtime.image.

  Log of container server:
    AttributeError: Can't get attribute 'AddRatio' on <module '__main__'>

  To read all of it: kubectl logs -n default iris-b-pod -c server --previous
`);
  });

  it('fits a terminal of 80 columns: what is longer goes on behind its indent', () => {
    const text = reportText(reportOf(crashed), { ...plainScreen, width: 80 });
    const prose = text.split('\n').filter((line) => !/To read|Attribute|http/.test(line));
    expect(prose.filter(({ length }) => length > 80)).toEqual([]);
    expect(text).toMatch(/\n {2}Hint: the class AddRatio .*\n {2}\S/);
  });

  it('shows the revision that failed beside the one that serves', () => {
    expect(shown(failing)).toMatch(/iris-a +100 % +asleep +0 .*\n +iris-b +0 % +failed +0 of 1 /);
  });

  it('of a pod for which there is no room begins with the scheduler', () => {
    const pods: PodObject[] = [
      {
        ...crashing,
        status: {
          conditions: [
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
          ],
        },
      },
    ];
    expect(reportOf({ ...failing, pods }).causes[0]).toEqual({
      kind: 'Pod',
      name: 'iris-b-pod',
      reason: 'Unschedulable',
      message: 'no node takes the pod: 0/1 nodes',
    });
  });

  it('of pods that may not be made begins with the Deployment', () => {
    const [deployment] = failing.deployments;
    const message = 'pods "x" is forbidden: exceeded quota';
    const deployments = [
      {
        ...deployment,
        metadata: { name: 'iris-b-deployment', ...of('iris-b') },
        status: {
          conditions: [{ type: 'ReplicaFailure', status: 'True' as const, reason: 'FailedCreate', message }],
        },
      },
    ];
    expect(reportOf({ ...failing, deployments, pods: [] }).causes[0]).toMatchObject({
      kind: 'Deployment',
      message,
    });
  });

  it('that was refused blames nothing but the model', () => {
    const conditions = [
      condition('Ready', 'False', 'InvalidSpec', 'spec.scale.max: write 5'),
      condition('Accepted', 'False', 'InvalidSpec', 'spec.scale.max: write 5'),
    ];
    const { causes } = reportOf({ ...failing, model: found({ conditions }) });
    expect(causes).toEqual([
      { kind: 'InferenceModel', name: 'iris', reason: 'InvalidSpec', message: 'spec.scale.max: write 5' },
    ]);
  });

  it('whose pods are gone begins with what the Revision kept of them', () => {
    const { causes } = reportOf({ ...failing, pods: [], deployments: [] });
    expect(causes[0]).toMatchObject({ kind: 'Revision', reason: 'ExitCode1', message: 'Container failed' });
  });

  it('that no operator has looked at says so', () => {
    const { causes } = reportOf(alone(found({ observedGeneration: 2 })));
    expect(causes.map(({ reason }) => reason)).toEqual(['NotSeen']);
  });

  const serving = (
    replicas: number,
    bounds: Readonly<Record<string, string>>,
    containerConcurrency?: number,
  ) =>
    shown({
      ...alone(found({ state: 'Awake', revisions: [{ ...asleep, replicas }] })),
      revisions: [
        {
          metadata: {
            name: 'iris-a',
            annotations: Object.fromEntries(
              Object.entries(bounds).map(([name, value]) => [`autoscaling.knative.dev/${name}`, value]),
            ),
          },
          spec: { containerConcurrency },
          status: { actualReplicas: replicas, desiredReplicas: replicas },
        },
      ],
    }).split('\n')[1];

  it.each([
    { name: 'one pod', given: serving(1, {}), want: '1 pod serves. It falls asleep when no requests come.' },
    {
      name: 'below its bound',
      given: serving(2, { 'max-scale': '3' }),
      want: '2 pods serve. It falls asleep when no requests come.',
    },
    {
      name: 'at its bounds',
      given: serving(1, { 'min-scale': '1', 'max-scale': '1' }, 1),
      want: '1 of at most 1 pod serves. Each takes 1 request at a time (containerConcurrency), and further ones wait. At least 1 stay awake.',
    },
  ])('awake says how many pods serve: $name', ({ given, want }) => {
    expect(given).toBe(`  ${want}`);
  });

  it('whose containers were started anew says how often, and why', () => {
    const pods: PodObject[] = [
      {
        metadata: { name: 'iris-a-pod', ...of('iris-a') },
        status: {
          containerStatuses: [
            {
              name: 'server',
              ready: true,
              restartCount: 3,
              lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
            },
          ],
        },
      },
    ];
    expect(shown({ ...alone(found({ state: 'Awake' })), pods })).toMatch(
      /Restarts +3: container server was killed/,
    );
  });

  it('is waking while pods are wanted and none is ready yet', () => {
    const live = [{ metadata: { name: 'iris-a' }, status: { actualReplicas: 0, desiredReplicas: 1 } }];
    const { revisions } = reportOf({ ...alone(found()), revisions: live });
    expect(revisions).toMatchObject([{ state: 'waking', replicas: 0, desired: 1 }]);
  });
});
