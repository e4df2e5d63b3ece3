import { environment } from '../support/environment.ts';
import type { Fault } from './faults.ts';
import type { Operation, Plan } from './plan.ts';
import { problemsAtRest } from './rest.ts';
import type { Rig } from './rig.ts';
import { Violation } from './violation.ts';
import { worldNow } from './world.ts';

type Say = (line: string) => void;

/** Longer than the silence after which a watch counts as dead, and the pauses between retries after that. */
const restMs = 180_000;
const tellMs = 10_000;
/** Operations under way at once. */
const hands = 3;

/**
 * Carries out a plan under a fault, waits until all has come to rest, and checks it.
 *
 * @throws Violation
 */
export async function runRound(rig: Rig, fault: Fault, plan: Plan, say: Say): Promise<void> {
  const { operations, random } = plan;
  const third = Math.ceil(operations.length / 3);
  let done = 0;
  const churn = async (): Promise<void> => {
    const part = operations.slice(done, done + third);
    done += third;
    await carryOut(rig, part);
  };
  await fault.run({ ...rig, proxy: rig.seats[0].proxy, hand: rig.churn, churn, random });
  await settle(rig, say);
  await quiet(rig, say);
  check(rig.sightings.problems());
}

/** Several operations at once, those on one model one after the other. */
async function carryOut(rig: Rig, operations: readonly Operation[]): Promise<void> {
  const lanes = Array.from({ length: hands }, (_, lane) =>
    operations.filter(({ slot }) => slot % hands === lane),
  );
  await Promise.all(
    lanes.map(async (lane) => {
      for (const operation of lane) await rig.churn.do(operation);
    }),
  );
}

/** Resolves once nothing is to be said against the cluster. */
async function settle(rig: Rig, say: Say): Promise<void> {
  const { ledger, observer, client, namespaces, seats } = rig;
  const patience = AbortSignal.timeout(restMs);
  const late = new Promise<void>((resolve) => {
    patience.addEventListener('abort', () => resolve());
  });
  let tellAt = performance.now() + tellMs;
  for (;;) {
    check((await Promise.all(seats.map((seat) => seat.check()))).filter((problem) => problem !== undefined));
    const change = observer.next;
    // The caches first: they cost nothing. The verdict comes from the API server itself.
    let problems = problemsAtRest(observer.world, ledger, environment());
    if (problems.length === 0)
      problems = problemsAtRest(await worldNow(client, namespaces), ledger, environment());
    if (problems.length === 0) return;
    if (patience.aborted) throw new Violation(problems);
    if (performance.now() > tellAt) {
      say(`  still waiting: ${problems.slice(0, 3).join('; ')}`);
      tellAt += tellMs;
    }
    await Promise.race([change, late]);
  }
}

/**
 * Resolves once nothing was written for a time in which the operator has surely done what it had to do: that of one
 * model that was changed after all others.
 */
async function quiet(rig: Rig, say: Say): Promise<void> {
  const { churn, ledger, namespaces, seats } = rig;
  const [namespace = ''] = namespaces;
  const barrier = { namespace, name: 'barrier' };
  let foreign: string[] = [];
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const before = seats.map(({ proxy }) => proxy.writes.length);
    const shown = ledger.wanted.get(`${namespace}/barrier`)?.spec.access?.visibility === 'Public';
    await churn.put(barrier, {
      container: { image: 'dev.local/barrier:1' },
      access: { visibility: shown ? 'ClusterLocal' : 'Public' },
    });
    await settle(rig, say);
    const writes = seats.flatMap(({ proxy }, index) => proxy.writes.slice(before[index]));
    foreign = writes.filter((path) => !path.includes('/barrier') && !path.includes('/leases/'));
    if (foreign.length === 0) return;
  }
  throw new Violation([`at rest the operator goes on writing: ${[...new Set(foreign)].join(', ')}`]);
}

function check(problems: readonly string[]): void {
  if (problems.length > 0) throw new Violation(problems);
}
