import { describe, expect, it } from 'vitest';
import type { InferenceModelStatus } from '../../src/api/status.ts';
import { inferenceModelStatus } from '../../src/status/inferencemodel.ts';
import type { Observed } from '../../src/status/observed.ts';
import { applied, nothing, pod, revision, service, statusOf, unschedulable, wanted } from './fixtures.ts';

/** The status in a line: its state and the conditions that are True. */
function summary(status: InferenceModelStatus): string {
  const holding = status.conditions
    ?.filter((condition) => condition.status === 'True')
    .map(({ type }) => type);
  return [status.state, ...(holding ?? [])].join(' ');
}

const serving = service({ [wanted]: 100 });
const evicted = pod({
  phase: 'Failed',
  containerStatuses: [{ name: 'server', state: { terminated: { exitCode: 137, reason: 'Error' } } }],
});

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
      'Waking Available Accepted Reconciling',
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
