import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkQueue } from '#kube/controller/workqueue.ts';
import { ManualClock } from '../manual-clock.ts';

type Operation =
  | { readonly do: 'add' | 'done'; readonly key: string }
  | { readonly do: 'addAfter'; readonly key: string; readonly ms: number }
  | { readonly do: 'get' }
  | { readonly do: 'advance'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c');
const ms = fc.integer({ min: 0, max: 20 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constantFrom('add' as const, 'done' as const), key }),
  fc.record({ do: fc.constant('addAfter' as const), key, ms }),
  fc.record({ do: fc.constant('get' as const) }),
  fc.record({ do: fc.constant('advance' as const), ms }),
);

/** What the queue promises, in the plainest words: which keys are owed a turn, and which have one. */
class Model {
  now = 0;
  readonly owed = new Set<string>();
  readonly working = new Set<string>();
  readonly due = new Map<string, number>();

  advance(ms: number): void {
    this.now += ms;
    for (const [key, at] of this.due) {
      if (at > this.now) continue;
      this.due.delete(key);
      this.owed.add(key);
    }
  }

  get ready(): Set<string> {
    return new Set([...this.owed].filter((key) => !this.working.has(key)));
  }
}

test('no key is lost, none is worked on twice at a time, and of delays the earliest counts', () =>
  fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const clock = new ManualClock();
      const queue = new WorkQueue(clock);
      const model = new Model();
      const take = async (): Promise<void> => {
        const taken = (await queue.get()) as string;
        expect(model.ready).toContain(taken);
        model.owed.delete(taken);
        model.working.add(taken);
      };
      const apply = async (op: Operation): Promise<void> => {
        if (op.do === 'add') {
          queue.add(op.key);
          model.owed.add(op.key);
        } else if (op.do === 'addAfter') {
          queue.addAfter(op.key, op.ms);
          model.due.set(op.key, Math.min(model.now + op.ms, model.due.get(op.key) ?? Infinity));
        } else if (op.do === 'advance') {
          clock.advance(op.ms);
          model.advance(op.ms);
        } else if (op.do === 'done') {
          if (model.working.delete(op.key)) queue.done(op.key);
        } else if (model.ready.size > 0) {
          await take();
        }
        model.advance(0);
        clock.advance(0);
        expect(queue.depth).toBe(model.ready.size);
      };
      for (const op of operations) await apply(op);
      for (const key of ['a', 'b', 'c']) await apply({ do: 'done', key });
      await apply({ do: 'advance', ms: 20 });
      while (model.ready.size > 0) await take();
      expect([model.owed.size, model.due.size, queue.depth]).toEqual([0, 0, 0]);
    }),
  ));

describe('WorkQueue', () => {
  const queue = () => new WorkQueue(new ManualClock());

  test('hands keys out in the order they came', async () => {
    const q = queue();
    for (const k of ['b', 'a', 'b', 'c']) q.add(k);
    expect([await q.get(), await q.get(), await q.get()]).toEqual(['b', 'a', 'c']);
  });

  test('wakes the worker that has waited longest', async () => {
    const q = queue();
    const workers = [q.get(), q.get()];
    q.add('a');
    q.add('b');
    expect(await Promise.all(workers)).toEqual(['a', 'b']);
  });

  test('a key added many times while it is worked on comes once more', async () => {
    const q = queue();
    q.add('a');
    await q.get();
    q.add('a');
    q.add('a');
    expect(q.depth).toBe(0);
    q.done('a');
    expect(q.depth).toBe(1);
  });

  test('shutdown waits for keys being worked on, releases idle workers, and takes nothing more', async () => {
    const clock = new ManualClock();
    const q = new WorkQueue(clock);
    q.add('busy');
    await q.get();
    const idle = q.get();
    q.addAfter('later', 5);
    let drained = false;
    const shutdown = q.shutdown().then(() => {
      drained = true;
    });
    expect(await idle).toBeUndefined();
    q.add('new');
    clock.advance(10);
    expect(q.depth).toBe(0);
    expect(drained).toBe(false);
    q.done('busy');
    await shutdown;
    expect(await q.get()).toBeUndefined();
  });
});
