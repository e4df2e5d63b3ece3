import type { Scene } from './faults.ts';
import { Violation } from './violation.ts';

const patienceMs = 30_000;

/**
 * Of two operators the one that leads is suspended until the other has taken over. When it goes on, it must not write:
 * it does not lead any more, though it has not heard of that.
 */
export async function suspendLeader(scene: Scene): Promise<void> {
  const { seats, churn } = scene;
  const [leader, rival] = await inOrder(scene);
  leader.operator.suspend();
  const taken = rival.proxy.work(AbortSignal.timeout(patienceMs));
  await Promise.all([churn(), taken]);
  const before = leader.proxy.worked;
  const former = leader.operator;
  former.resume();
  await churn();
  await former.ended;
  if (leader.proxy.worked > before)
    throw new Violation(['an operator wrote that had been suspended and did not lead any more']);
  await Promise.all(seats.map((seat) => seat.check()));
}

/** The one that leads is killed, and started again as the rival of the other. */
export async function killLeader(scene: Scene): Promise<void> {
  const [leader, rival] = await inOrder(scene);
  await leader.operator.kill();
  const taken = rival.proxy.work(AbortSignal.timeout(patienceMs));
  await Promise.all([scene.churn(), taken]);
  await leader.start().ready;
  await scene.churn();
}

/** The leader cannot reach the API server, and the other can. */
export async function isolateLeader(scene: Scene): Promise<void> {
  const [leader, rival] = await inOrder(scene);
  const { operator, proxy } = leader;
  proxy.refusing = true;
  proxy.cut();
  const taken = rival.proxy.work(AbortSignal.timeout(patienceMs));
  await Promise.all([scene.churn(), taken, operator.ended]);
  proxy.refusing = false;
  await leader.check();
  await scene.churn();
}

/** The seat of the operator that leads, and that of the other. */
async function inOrder({ seats, churn }: Scene): Promise<[Scene['seats'][0], Scene['seats'][0]]> {
  const [first, second] = seats;
  if (!second) throw new Error('there is one operator only');
  const found = new AbortController();
  const signal = AbortSignal.any([found.signal, AbortSignal.timeout(patienceMs)]);
  const leads = (seat: typeof first): Promise<typeof first> => seat.proxy.work(signal).then(() => seat);
  const writing = Promise.any([leads(first), leads(second)]);
  await churn();
  const leader = await writing;
  found.abort();
  return leader === first ? [first, second] : [second, first];
}
