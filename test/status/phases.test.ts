import { describe, expect, it } from 'vitest';
import type { Observed, PodObject } from '#knative/objects.ts';
import type { Outcome } from '#status/outcome.ts';
import { nothing, pod, revision, service, statusOf, unschedulable, waiting, wanted } from './fixtures.ts';

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
      'ImagePullFailed',
      'the image of container server cannot be pulled: Back-off pulling image "x"',
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
      'of a server that ends although nothing is wrong with it',
      pod({
        containerStatuses: [
          {
            name: 'server',
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
            lastState: { terminated: { exitCode: 0, reason: 'Completed' } },
          },
        ],
      }),
      'ContainerExited',
      'container server exited with code 0, and left no message: kubectl logs -c server --previous of its pod shows its log',
    ],
    [
      'of a Secret that went away after a crash',
      pod({
        containerStatuses: [
          {
            name: 'server',
            state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "token" not found' } },
            lastState: { terminated: { exitCode: 3, reason: 'Error' } },
          },
        ],
      }),
      'CreateContainerConfigError',
      'container server: secret "token" not found',
    ],
    ['of a pod that fits no node', unschedulable, 'Unschedulable', 'no node takes the pod: 0/1 nodes'],
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

  it('is the cause that was published for the same spec, once the pods are gone', () => {
    const cause = pod({
      containerStatuses: [
        { name: 'server', state: { terminated: { exitCode: 3, reason: 'Error', message: 'no model' } } },
      ],
    });
    const starting = { ...nothing, service: service({}), revisions: [revision(wanted, 'Unknown')] };
    const before = statusOf({ ...starting, pods: [cause] });
    const message = 'container server exited with code 3: no model';
    const ready = (observed: Observed) => statusOf(observed, undefined, before).conditions?.[0];
    expect(ready(starting)).toMatchObject({ reason: 'ContainerExited', message });
    expect(ready({ ...starting, revisions: [revision(wanted, 'False')] })).toMatchObject({
      reason: 'ContainerExited',
      message: `${message}. To try the same again: dormouse restart iris`,
    });
    expect(ready({ ...starting, pods: [waiting('ContainerCreating', '')] })).toMatchObject({
      reason: 'RevisionStarting',
    });
  });

  it.each([
    ['no word', 'INFO: shutdown complete', 'EOFError'],
    ['a task that was cancelled', 'asyncio.exceptions.CancelledError', 'EOFError'],
    ['a pool of processes', 'concurrent.futures.process.BrokenProcessPool: a child died', 'EOFError'],
    ['frames of a native stack', '  [bt] (6) /opt/lib/libffi.so(+0x1117a) [0x7f28]', 'EOFError'],
    ['other lines', 'the server is going down', 'EOFError'],
    ['another cause', 'ValueError: bad magic', 'ValueError: bad magic'],
  ])('is the cause of an exit before, where the log of the last one ends with %s', (_, end, cause) => {
    const exit = (container: string, message: string) =>
      pod({
        containerStatuses: [
          { name: container, state: { terminated: { exitCode: 1, reason: 'Error', message } } },
        ],
      });
    const starting = { ...nothing, service: service({}), revisions: [revision(wanted, 'Unknown')] };
    const messageAfter = (first: string) => {
      const before = statusOf({ ...starting, pods: [exit(first, 'EOFError')] });
      return statusOf({ ...starting, pods: [exit('server', end)] }, undefined, before).conditions?.[0]
        ?.message;
    };
    expect(messageAfter('server')).toBe(`container server exited with code 1: ${cause}`);
    expect(messageAfter('fetch')).not.toContain('EOFError');
  });

  it("is Knative's own message once the pods are gone", () => {
    expect(ready({ ...nothing, revisions: [revision(wanted, 'False')], service: service({}) })).toMatchObject(
      {
        message: 'Container failed. To try the same again: dormouse restart iris',
      },
    );
  });

  it.each<[string, Observed, string, string]>([
    [
      'make the revision',
      {
        ...nothing,
        service: service({}, 'False', {
          type: 'ConfigurationsReady',
          reason: 'NotOwned',
          message: 'not ours',
        }),
      },
      'NotOwned',
      'not ours',
    ],
    [
      'route to it',
      {
        ...nothing,
        service: service({ [wanted]: 100 }, 'False', {
          reason: 'DomainConflict',
          message: 'not ours either',
        }),
        revisions: [revision(wanted, 'True', 1)],
      },
      'DomainConflict',
      'not ours either',
    ],
  ])("is Knative's own where it cannot %s", (_, observed, reason, message) => {
    expect(ready(observed)).toMatchObject({ status: 'False', reason, message });
  });

  it('is not what Knative said of the revision before', () => {
    const failed = service({}, 'False', { type: 'ConfigurationsReady', message: 'failed' });
    const before = { ...failed, spec: { template: { metadata: { name: 'old' } } } };
    expect(ready({ ...nothing, service: before })).toMatchObject({ reason: 'RevisionStarting' });
  });

  it('is no longer than a condition can be', () => {
    const message = 'x'.repeat(40_000);
    expect(ready(nothing, { type: 'failed', message, error: message })?.message).toHaveLength(32_768);
  });

  it.each<Outcome>([
    { type: 'refused', reason: 'NotAllowedByCluster', message: 'spec.scale.initial: not here' },
    { type: 'failed', message: 'the webhook does not answer', error: undefined },
  ])('is what became of the reconcile: %j', (outcome) => {
    const { message } = outcome as Extract<Outcome, { readonly message: string }>;
    expect(ready(nothing, outcome)).toMatchObject({ status: 'False', message });
  });
});
