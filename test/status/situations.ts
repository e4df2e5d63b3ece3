import type { Observed } from '#knative/objects.ts';
import { nothing, pod, revision, service, unschedulable, wanted } from './fixtures.ts';

const serving = service({ [wanted]: 100 });
/** As Knative says it of a Deployment whose pod fits no node. */
const unschedulableRevision = revision(wanted, 'False', 0, 1, {
  reason: 'Unschedulable',
  message: '0/1 nodes',
});
/** A pod whose server has crashed twice. */
const crashed = (state: object, isReady = false) =>
  pod({
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    containerStatuses: [
      {
        name: 'server',
        restartCount: 2,
        state,
        lastState: { terminated: { exitCode: 1, message: 'no model' } },
      },
    ],
  });
/** A pod whose server runs and is not ready. */
const loading = (startedAt: string) => {
  const made = pod({
    containerStatuses: [{ name: 'server', state: { running: { startedAt } } }],
  });
  return { ...made, metadata: { ...made.metadata, creationTimestamp: startedAt } };
};
const evicted = pod({
  phase: 'Failed',
  containerStatuses: [{ name: 'server', state: { terminated: { exitCode: 137, reason: 'Error' } } }],
});

/** Models: what one is, as it is observed, and its status in a line: the state, and the conditions that are True. */
export const situations: readonly (readonly [string, Observed, string])[] = [
  ['just applied', nothing, 'Starting Accepted Reconciling'],
  [
    'whose first pod starts',
    { ...nothing, revisions: [revision(wanted, 'Unknown', 0, 1)] },
    'Starting Accepted Reconciling',
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
    'Starting Accepted Reconciling',
  ],
  [
    'whose old revision is back after a crash, while its Route waits for a new one that does not come',
    {
      ...nothing,
      service: service({ old: 100 }, 'False', { reason: 'RevisionMissing' }),
      revisions: [revision('old', 'True', 1), revision(wanted, 'False')],
    },
    'Failed Available Accepted Stalled',
  ],
  [
    'that serves from one pod while another fits no node',
    { ...nothing, service: serving, revisions: [revision(wanted, 'True', 1, 2)], pods: [unschedulable] },
    'Awake Ready Available Accepted',
  ],
  [
    'whose pod was evicted before it slept',
    { ...nothing, service: serving, revisions: [revision(wanted, 'True')], pods: [evicted] },
    'Asleep Ready Available Accepted',
  ],
  [
    'that is called and whose pod fits no node',
    { ...nothing, service: serving, revisions: [revision(wanted, 'True', 0, 1)], pods: [unschedulable] },
    'Waking Ready Available Accepted',
  ],
  [
    'that is called, and whose pod has waited for a node for longer than a start may take',
    {
      ...nothing,
      service: serving,
      revisions: [revision(wanted, 'True', 0, 1)],
      pods: [
        {
          ...unschedulable,
          metadata: { ...unschedulable.metadata, creationTimestamp: '2025-12-31T23:00:00Z' },
        },
      ],
    },
    'Waking Available Accepted Reconciling',
  ],
  [
    'that is called, and takes long to load its model',
    {
      ...nothing,
      service: serving,
      revisions: [revision(wanted, 'True', 0, 1)],
      pods: [loading('2025-12-31T23:59:00Z')],
    },
    'Waking Ready Available Accepted',
  ],
  [
    'that is called, and loads its model for longer than a start may take',
    {
      ...nothing,
      service: serving,
      revisions: [revision(wanted, 'True', 0, 1)],
      pods: [loading('2025-12-31T23:00:00Z')],
    },
    'Waking Available Accepted Reconciling',
  ],
  [
    'whose first pod fits no node, which Knative calls a failure',
    { ...nothing, service: service({}, 'False'), revisions: [unschedulableRevision], pods: [unschedulable] },
    'Starting Accepted Reconciling',
  ],
  [
    'whose first pod crashes',
    {
      ...nothing,
      service: service({}),
      revisions: [revision(wanted, 'Unknown', 0, 1)],
      pods: [crashed({ running: {} })],
    },
    'Failed Accepted Reconciling',
  ],
  [
    'that is called and whose pod crashes',
    {
      ...nothing,
      service: serving,
      revisions: [revision(wanted, 'True', 0, 1)],
      pods: [crashed({ waiting: { reason: 'CrashLoopBackOff' } })],
    },
    'Failed Available Accepted Reconciling',
  ],
  [
    'that serves, and was restarted',
    {
      ...nothing,
      service: serving,
      revisions: [revision(wanted, 'True', 1)],
      pods: [crashed({ running: {} }, true)],
    },
    'Awake Ready Available Accepted',
  ],
  [
    'whose name a Service of the core API has',
    {
      ...nothing,
      service: service({}, 'False', {
        reason: 'NotOwned',
        message: 'There is an existing placeholder Service',
      }),
      revisions: [revision(wanted, 'True', 1)],
    },
    'Failed Accepted Stalled',
  ],
  [
    'whose Route has no ingress any more',
    {
      ...nothing,
      service: service({ [wanted]: 100 }, 'False', { reason: 'IngressNotConfigured', message: 'no ingress' }),
      revisions: [revision(wanted, 'True', 1)],
    },
    'Starting Accepted Reconciling',
  ],
];
