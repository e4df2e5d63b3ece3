import { describe, expect, test } from 'vitest';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import {
  Controller,
  type ControllerOptions,
  type Reconcile,
  specFirst,
  TerminalError,
} from '#kube/controller/controller.ts';
import { FedInformer } from '../../support/informer.ts';
import { recordingLogger } from '../fixtures.ts';
import { ManualClock } from '../manual-clock.ts';

/** An object that counts the changes of its spec. */
const model = (name: string, generation: number): KubernetesObject => ({
  metadata: { namespace: 'default', name, generation },
});

const settled = () => new Promise(setImmediate);

function start(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const stop = new AbortController();
  const controller = new Controller({ name: 'test', reconcile, clock, logger, random: () => 0, ...options });
  const run = controller.run(stop.signal);
  const finish = async () => {
    stop.abort();
    await run;
  };
  return { clock, logger, controller, stop, run, finish };
}

const fail = (error: unknown) => async () => {
  throw error;
};

describe('when a key is reconciled again', () => {
  test.each<[string, Reconcile, number | undefined, string[]]>([
    ['success waits for a change', async () => ({}), undefined, []],
    ['requeueAfter waits so long', async () => ({ requeueAfterMs: 5000 }), 5000, []],
    ['an error waits 5 ms at first', fail(new Error('no')), 5, ['error reconcile failed: no']],
    ['what is thrown need not be an Error', fail('no'), 5, ['error reconcile failed: no']],
    [
      'a busy server is given the time it asks for',
      fail(new ApiError('GET /x', 429, { message: 'busy' }, 3)),
      3000,
      ['error reconcile failed: busy'],
    ],
    [
      'but no more than a minute, whatever a load balancer asks for',
      fail(new ApiError('GET /x', 503, { message: 'down' }, 3600)),
      60_000,
      ['error reconcile failed: down'],
    ],
    [
      'a terminal error waits for a change',
      fail(new TerminalError('never')),
      undefined,
      ['error reconcile failed for good: never'],
    ],
  ])('%s', async (_, reconcile, delay, log) => {
    const { clock, controller, logger, finish } = start(reconcile);
    controller.enqueue('default/a');
    await settled();
    expect(clock.next).toBe(delay);
    expect(logger.entries.map(({ level, message }) => `${level} ${message}`)).toEqual(log);
    await finish();
  });

  test('errors in a row wait longer each time, and success begins anew', async () => {
    const errors = [1, 1, 1, 0, 1];
    const { clock, controller, finish } = start(async () => {
      if (errors.shift()) throw new Error('no');
      return {};
    });
    controller.enqueue('a');
    const waited = [await clock.toNextTimer(), await clock.toNextTimer(), await clock.toNextTimer()];
    await settled();
    controller.enqueue('a');
    waited.push(await clock.toNextTimer());
    expect(waited).toEqual([5, 10, 20, 5]);
    await finish();
  });
});

describe('which key is reconciled first', () => {
  /** Lets one worker reconcile what `fill` adds while it is busy, and gives the order. */
  async function order(fill: (controller: Controller) => void, reconcile: Reconcile = async () => ({})) {
    const gate = Promise.withResolvers<void>();
    const keys: string[] = [];
    const { controller, finish } = start(
      async (key, context) => {
        if (key === 'busy') await gate.promise;
        else keys.push(`${key} ${context.priority}`);
        return reconcile(key, context);
      },
      { workers: 1 },
    );
    controller.enqueue('busy');
    await settled();
    fill(controller);
    gate.resolve();
    await settled();
    await finish();
    return keys;
  }

  test('new objects and changes of a spec before changes of a status', async () => {
    const models = new FedInformer({}, model('status', 1), model('spec', 1), model('gone', 1));
    const keys = await order((controller) => {
      controller.for(models, specFirst);
      models.bring(model('status', 1));
      models.bring(model('new', 1));
      models.bring(model('spec', 2));
      models.takeAway(model('gone', 1));
    });
    expect(keys).toEqual([
      'default/new high',
      'default/spec high',
      'default/gone high',
      'default/status low',
    ]);
  });

  test('it is calm when only keys of low priority are left', async () => {
    const gates = new Map(['spec', 'status'].map((key) => [key, Promise.withResolvers<void>()]));
    const { controller, finish } = start(async (key) => {
      await gates.get(key)?.promise;
      return {};
    });
    await controller.calm();
    let isCalm = false;
    controller.enqueue('spec', 'high');
    controller.enqueue('status', 'low');
    controller.calm().then(() => {
      isCalm = true;
    });
    await settled();
    expect(isCalm).toBe(false);
    gates.get('spec')?.resolve();
    await settled();
    expect(isCalm).toBe(true);
    gates.get('status')?.resolve();
    await finish();
  });

  test('what a reconcile puts off comes after all that is more urgent', async () => {
    const keys = await order(
      (controller) => {
        for (const key of ['a', 'b']) controller.enqueue(key, 'high');
      },
      async (_, { priority }) => (priority === 'high' ? { requeueAfterMs: 0, priority: 'low' } : {}),
    );
    expect(keys).toEqual(['a high', 'b high', 'a low', 'b low']);
  });
});

test('before it runs it keeps no key, and begins with all objects that there are then', async () => {
  const reconciled: string[] = [];
  const reconcile: Reconcile = async (key) => {
    reconciled.push(key);
    return {};
  };
  const queued: string[] = [];
  const observer = { queued: (key: string) => void queued.push(key), started() {}, ended() {} };
  const options = { clock: new ManualClock(), logger: recordingLogger(), random: () => 0, observer };
  const controller = new Controller({ name: 'test', reconcile, ...options });
  const models = new FedInformer({}, model('goes', 1));
  controller.for(models);
  models.bring(model('stays', 1));
  models.takeAway(model('goes', 1));
  await settled();
  expect([queued, reconciled]).toEqual([[], []]);
  const stop = new AbortController();
  const run = controller.run(stop.signal);
  await settled();
  expect([queued, reconciled]).toEqual([['default/stays'], ['default/stays']]);
  stop.abort();
  await run;
});

test('of many keys that fail, most wait their turn; keys that an event brings do not', async () => {
  const failed: string[] = [];
  const { clock, controller, finish } = start(async (key) => {
    if (failed.push(key) <= 300) throw new Error('no');
    return {};
  });
  for (let i = 0; i < 300; i++) controller.enqueue(String(i));
  await settled();
  expect(failed).toHaveLength(300);
  clock.advance(1000);
  await settled();
  expect(failed).toHaveLength(300 + 100 + 10);
  await finish();
});

test('many keys run at once, one key never does', async () => {
  const running: string[] = [];
  let most = 0;
  const { controller, finish } = start(
    async (key) => {
      expect(running).not.toContain(key);
      running.push(key);
      most = Math.max(most, running.length);
      await settled();
      running.splice(running.indexOf(key), 1);
      return {};
    },
    { workers: 2 },
  );
  for (let i = 0; i < 20; i++) {
    for (const key of ['a', 'b', 'c']) controller.enqueue(key);
    await settled();
  }
  await finish();
  expect(most).toBe(2);
});

test('a reconcile that takes too long is aborted and tried again', async () => {
  const { clock, controller, logger, finish } = start(
    (_, { signal }) =>
      new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    { timeoutMs: 1000 },
  );
  controller.enqueue('a');
  expect(await clock.toNextTimer()).toBe(1000);
  await settled();
  expect(logger.entries.map(({ message }) => message)).toEqual([
    'reconcile failed: reconcile took longer than 1 s',
  ]);
  expect(clock.next).toBe(5);
  await finish();
});

test('stop lets running reconciles finish, and aborts those that do not', async () => {
  const ended: string[] = [];
  const { clock, controller, stop, run } = start(
    async (key, { signal }) => {
      if (key === 'slow') await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.push(key);
      return {};
    },
    { workers: 2, drainMs: 500 },
  );
  controller.enqueue('slow');
  controller.enqueue('quick');
  await settled();
  stop.abort();
  await settled();
  expect(ended).toEqual(['quick']);
  clock.advance(500);
  await run;
  expect(ended).toEqual(['quick', 'slow']);
});

test('a reconcile that ignores its signal does not hold up the stop for ever', async () => {
  const { clock, controller, stop, run } = start(() => new Promise(() => {}), {
    drainMs: 500,
    abandonMs: 50,
  });
  const outcome = expect(run).rejects.toThrow('test: aborted reconciles did not end within 0.05 s: a');
  controller.enqueue('a');
  await settled();
  stop.abort();
  expect(await clock.toNextTimer()).toBe(500);
  expect(await clock.toNextTimer()).toBe(50);
  await outcome;
});

test('a key that fails or is added while the controller stops is not tried again', async () => {
  const tries: string[] = [];
  const { clock, controller, stop, run } = start(async (key, { signal }) => {
    tries.push(key);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new Error('no');
  });
  controller.enqueue('a');
  await settled();
  stop.abort();
  await settled();
  controller.enqueue('a');
  controller.enqueue('b');
  await clock.toNextTimer();
  await run;
  expect([tries, clock.next]).toEqual([['a'], undefined]);
});

test('log lines say which controller, which key and which attempt', async () => {
  const { controller, logger, finish } = start(async (_, context) => {
    context.logger.info({}, 'hello');
    return {};
  });
  controller.enqueue('default/a');
  await settled();
  await finish();
  expect(logger.entries[0]?.fields).toEqual({
    controller: 'test',
    key: 'default/a',
    reconcileId: expect.any(String),
  });
});
