import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aborted } from '#base/deadline.ts';
import { LeaderElector } from '#kube/election/leader-election.ts';
import { recordingLogger } from '../fixtures.ts';
import { LeaseServer, type Network } from '../lease-server.ts';
import { ManualClock } from '../manual-clock.ts';
import { ProcessClock } from '../process-clock.ts';

interface Fault {
  /** Milliseconds that the request and the answer take. */
  readonly there: number;
  readonly back: number;
  readonly lost: 'nothing' | 'request' | 'answer';
}

interface Event {
  /** Milliseconds since the event before. */
  readonly after: number;
  readonly process: number;
  readonly what: 'suspend' | 'jump' | 'stop' | 'kill';
  readonly ms: number;
}

const latency = fc.oneof({ weight: 3, arbitrary: fc.nat(200) }, fc.nat(12_000));
const fault: fc.Arbitrary<Fault> = fc.record({
  there: latency,
  back: latency,
  lost: fc.constantFrom('nothing', 'nothing', 'nothing', 'request', 'answer'),
});
const event: fc.Arbitrary<Event> = fc.record({
  after: fc.nat(15_000),
  process: fc.nat(2),
  what: fc.constantFrom('suspend', 'jump', 'stop', 'kill'),
  ms: fc.nat(25_000),
});
/** Clocks that run too fast or too slow, and are wrong besides. */
const clock = fc.record({ rate: fc.double({ min: 0.85, max: 1.2, noNaN: true }), wall: fc.nat(100_000_000) });

const lease = { namespace: 'system', name: 'operator' };

interface Process {
  readonly clock: ProcessClock;
  readonly stop: AbortController;
}

/** Three processes, started again whenever they end, on a network with these faults; healthy when they are used up. */
class World {
  readonly clock = new ManualClock();
  readonly server = new LeaseServer();
  /** All there ever were, also those killed: one may lead no longer than the Lease says, dead or alive. */
  readonly electors: LeaderElector[] = [];
  readonly #faults: Fault[];
  readonly #processes: Process[] = [];

  constructor(faults: readonly Fault[], clocks: readonly { rate: number; wall: number }[]) {
    this.#faults = [...faults];
    clocks.forEach((each, index) => {
      this.#start(index, new ProcessClock(this.clock, each.rate, each.wall));
    });
  }

  get leaders(): number {
    return this.electors.filter(({ isLeader }) => isLeader).length;
  }

  apply({ process, what, ms }: Event): void {
    const { clock, stop } = this.#processes[process] as Process;
    if (what === 'suspend') clock.suspend(ms);
    if (what === 'jump') clock.jump(ms % 2 ? ms : -ms);
    if (what === 'stop') clock.awake().then(() => stop.abort());
    if (what === 'kill') {
      clock.suspend(Number.POSITIVE_INFINITY);
      this.#start(process, clock.successor());
    }
  }

  #start(index: number, clock: ProcessClock): void {
    const stop = new AbortController();
    this.#processes[index] = { clock, stop };
    const elector = new LeaderElector({
      client: this.server.client(clock, this.#network(clock)),
      clock,
      random: () => 0.5,
      logger: recordingLogger(),
      lease,
      identity: `process-${this.electors.length}`,
      fieldManager: 'test',
    });
    this.electors.push(elector);
    const again = (): void => this.#start(index, clock.successor());
    elector.run(stop.signal, (lost) => aborted(lost, stop.signal)).then(again, again);
  }

  #network(clock: ProcessClock): Network {
    const travel = (ms: number): Promise<void> => new Promise((done) => this.clock.after(ms, done));
    return async (send) => {
      const { there, back, lost } = this.#faults.pop() ?? { there: 1, back: 1, lost: 'nothing' };
      await travel(there);
      if (lost === 'request') throw new Error('lost');
      let answer: ReturnType<typeof send> | undefined;
      let error: unknown;
      try {
        answer = send();
      } catch (refusal) {
        error = refusal;
      }
      await travel(back);
      await clock.awake();
      if (lost === 'answer' || !answer) throw error ?? new Error('lost');
      return answer;
    };
  }
}

test(
  'at no time do two lead, whatever clocks, network and processes do; and in the end one does',
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 40 }),
        fc.array(event, { maxLength: 12 }),
        fc.array(clock, { minLength: 3, maxLength: 3 }),
        async (faults, events, clocks) => {
          const world = new World(faults, clocks);
          const pass = async (ms: number): Promise<void> => {
            const end = world.clock.monotonic() + ms;
            while (world.clock.monotonic() < end) {
              await new Promise(setImmediate);
              expect(world.leaders).toBeLessThanOrEqual(1);
              world.clock.advance(Math.min(world.clock.next ?? ms, end - world.clock.monotonic()));
              expect(world.leaders).toBeLessThanOrEqual(1);
            }
          };
          for (const each of events) {
            await pass(each.after);
            world.apply(each);
          }
          // Long enough to use up all faults, and then for the last Lease of a dead process to run out.
          await pass(200_000);
          expect(world.leaders).toBe(1);
        },
      ),
      { numRuns: 60 },
    ),
  30_000,
);
