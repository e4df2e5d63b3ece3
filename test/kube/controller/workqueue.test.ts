import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Priority, WorkQueue } from '#kube/controller/workqueue.ts';
import { ManualClock } from '../manual-clock.ts';

type Operation =
  | { readonly do: 'done'; readonly key: string }
  | { readonly do: 'add'; readonly key: string; readonly priority: Priority }
  | { readonly do: 'addAfter'; readonly key: string; readonly priority: Priority; readonly ms: number }
  | { readonly do: 'get' }
  | { readonly do: 'advance'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c');
const ms = fc.integer({ min: 0, max: 20 });
const ranks: readonly Priority[] = ['high', 'normal', 'low'];
const priority = fc.constantFrom(...ranks);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key, priority }),
  fc.record({ do: fc.constant('done' as const), key }),
  fc.record({ do: fc.constant('addAfter' as const), key, priority, ms }),
  fc.record({ do: fc.constant('get' as const) }),
  fc.record({ do: fc.constant('advance' as const), ms }),
);

const higher = (priority: Priority, other: Priority = 'low'): Priority =>
  ranks[Math.min(ranks.indexOf(priority), ranks.indexOf(other))] as Priority;

/** What the queue promises: which keys are owed a turn, with which priority, and which have one. */
class Model {
  now = 0;
  readonly owed = new Map<string, Priority>();
  readonly working = new Set<string>();
  readonly due = new Map<string, { readonly at: number; readonly priority: Priority }>();

  add(key: string, priority: Priority): void {
    this.owed.set(key, higher(priority, this.owed.get(key)));
  }

  addAfter(key: string, ms: number, priority: Priority): void {
    const known = this.due.get(key);
    const at = Math.min(this.now + ms, known?.at ?? Infinity);
    if (ms === 0) this.add(key, priority);
    else this.due.set(key, { at, priority: higher(priority, known?.priority) });
  }

  advance(ms: number): void {
    this.now += ms;
    for (const [key, { at, priority }] of this.due) {
      if (at > this.now) continue;
      this.due.delete(key);
      this.add(key, priority);
    }
  }

  get ready(): Map<string, Priority> {
    return new Map([...this.owed].filter(([key]) => !this.working.has(key)));
  }

  /** The keys that may be handed out next: those of the highest priority that waits. */
  get next(): { readonly key: string; readonly priority: Priority }[] {
    const top = [...this.ready.values()].reduce((a, b) => higher(a, b), 'low');
    return [...this.ready].flatMap(([key, priority]) => (priority === top ? { key, priority } : []));
  }
}

test('no key is lost, none is worked on twice at a time, the highest priority goes first, and of delays the earliest counts', () =>
  fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const clock = new ManualClock();
      const queue = new WorkQueue(clock);
      const model = new Model();
      const take = async (): Promise<void> => {
        const taken = (await queue.get()) as { key: string; priority: Priority };
        expect(model.next).toContainEqual(taken);
        model.owed.delete(taken.key);
        model.working.add(taken.key);
      };
      const apply = async (op: Operation): Promise<void> => {
        if (op.do === 'add') {
          queue.add(op.key, op.priority);
          model.add(op.key, op.priority);
        } else if (op.do === 'addAfter') {
          queue.addAfter(op.key, op.ms, op.priority);
          model.addAfter(op.key, op.ms, op.priority);
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
    expect(await Promise.all([q.get(), q.get(), q.get()])).toMatchObject([
      { key: 'b' },
      { key: 'a' },
      { key: 'c' },
    ]);
  });

  test('a key that is added again with a higher priority overtakes, with a lower one stays', async () => {
    const q = queue();
    for (const k of ['status', 'spec']) q.add(k, 'low');
    q.add('other', 'normal');
    q.add('spec', 'high');
    q.add('other', 'low');
    expect(await Promise.all([q.get(), q.get(), q.get()])).toEqual([
      { key: 'spec', priority: 'high' },
      { key: 'other', priority: 'normal' },
      { key: 'status', priority: 'low' },
    ]);
  });

  test('wakes the worker that has waited longest', async () => {
    const q = queue();
    const workers = [q.get(), q.get()];
    q.add('a');
    q.add('b');
    expect(await Promise.all(workers)).toMatchObject([{ key: 'a' }, { key: 'b' }]);
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
