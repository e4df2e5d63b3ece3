import { describe, expect, it } from 'vitest';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { inferenceModelStatus } from '#status/inferencemodel.ts';
import { applied, nothing, revision, service, statusOf, wanted } from './fixtures.ts';
import { situations } from './situations.ts';

/** The status in a line: its state and the conditions that are True. */
function summary(status: InferenceModelStatus): string {
  const holding = status.conditions
    ?.filter((condition) => condition.status === 'True')
    .map(({ type }) => type);
  return [status.state, ...(holding ?? [])].join(' ');
}

describe('a model', () => {
  it.each(situations)('%s', (_, observed, expected) => {
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
    expect(
      statusOf({ ...nothing, service: service({ [wanted]: 100 }), revisions: [withImage] }),
    ).toMatchObject({
      url: 'http://iris.default.example.test',
      address: { url: 'http://iris.default.svc.cluster.local' },
      replicas: 2,
      revisions: [{ name: wanted, percent: 100, ready: true, replicas: 2, image: digest }],
    });
  });

  it('keeps the time of a condition while its status stays', () => {
    const observed = {
      ...nothing,
      service: service({ [wanted]: 100 }),
      revisions: [revision(wanted, 'True', 1)],
    };
    const before = statusOf(observed);
    const later = Date.parse('2026-01-02T00:00:00Z');
    const { status } = inferenceModelStatus({
      generation: 3,
      before,
      observed,
      outcome: applied,
      now: later,
    });
    expect(status).toEqual(before);
  });
});
