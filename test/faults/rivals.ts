import { annotations, inferenceModels } from '#api/group.ts';
import type { Name } from './churn.ts';
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

/**
 * The watch of models of the one that does not lead falls silent, as a half-open connection does, while that of Services
 * goes on. A model changes, the leader acts on it and is killed. The other takes over with a model that is too old, and must
 * not bring back what was before.
 */
export async function blindRival(scene: Scene): Promise<void> {
  const { churn, hand, namespaces, observer } = scene;
  const [leader, rival] = await inOrder(scene);
  const [namespace = ''] = namespaces;
  const changed = { namespace, name: 'changed' };
  const still = { namespace, name: 'still' };
  const acted = async ({ name }: Name, generation: number | undefined): Promise<void> => {
    const isActedOn = () =>
      observer.world.services.some(
        ({ metadata }) =>
          metadata.name === name &&
          metadata.namespace === namespace &&
          metadata.annotations?.[annotations.generation] === String(generation),
      );
    while (!isActedOn()) await observer.next;
  };
  const put = async (name: Name, image: string): Promise<void> => {
    const { metadata } = await hand.put(name, { container: { image } });
    await acted(name, metadata.generation);
  };
  const version = hand.count;
  await put(still, 'dev.local/still:1');
  await put(changed, `dev.local/changed:${version}-before`);
  rival.proxy.mute(inferenceModels.plural);
  await put(changed, `dev.local/changed:${version}-after`);
  const taken = rival.proxy.leads(AbortSignal.timeout(patienceMs));
  await leader.operator.kill();
  await taken;
  // What the rival mends here it does after it has looked at all models once, of which some are too old.
  const mended = rival.proxy.work(AbortSignal.timeout(patienceMs));
  await hand.tamper(still);
  await mended;
  rival.proxy.cut();
  await leader.start().ready;
  for (let part = 0; part < 3; part += 1) await churn();
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
