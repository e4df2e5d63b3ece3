import type { Asked, Harm, Harming } from './harm.ts';
import { harmless } from './harm.ts';
import type { FaultProxy } from './proxy.ts';
import type { Rig } from './rig.ts';
import { blindRival, isolateLeader, killLeader, suspendLeader } from './rivals.ts';

/** What a fault has to work with. */
export interface Scene extends Omit<Rig, 'churn'> {
  /** For what no plan knows of. */
  readonly hand: Rig['churn'];
  /** That of the first operator. */
  readonly proxy: FaultProxy;
  /** Carries out the next third of the round's operations. */
  churn(): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export interface Fault {
  /** How often it is chosen beside others. */
  readonly weight: number;
  /** Takes minutes: for long runs alone. */
  readonly slow?: true;
  /** Operators that it needs; 1 by default. */
  readonly operators?: number;
  run(scene: Scene): Promise<void>;
}

type Act = Fault['run'];

/** The harm lasts for two thirds of the operations, and until some requests have met it. */
const during =
  (harming: (random: () => number) => Harming): Act =>
  async ({ proxy, churn, random }) => {
    await churn();
    proxy.harming = harming(random);
    await Promise.all([proxy.harms(15), churn()]);
    await churn();
    proxy.harming = harmless;
  };

const share =
  (part: number, harm: (asked: Asked, random: () => number) => Harm | undefined) =>
  (random: () => number): Harming =>
  (asked) =>
    random() < part ? harm(asked, random) : undefined;

const answers = (code: number, retryAfter?: number): Act =>
  during(share(0.5, () => ({ type: 'answer', code, ...(retryAfter !== undefined && { retryAfter }) })));

const write = (harm: Harm) => (asked: Asked) => (asked.verb === 'write' ? harm : undefined);
const ofWatch = (harm: (random: () => number) => Harm) => (asked: Asked, random: () => number) =>
  asked.verb === 'watch' ? harm(random) : undefined;

/** Cuts the connections before and after some operations, and in between does as `harming` says to new ones. */
const reconnecting =
  (harming: (random: () => number) => Harming): Act =>
  async ({ proxy, churn, random }) => {
    proxy.harming = harming(random);
    for (let part = 0; part < 3; part += 1) {
      const done = churn();
      proxy.cut();
      await Promise.all([done, proxy.harms(5)]);
    }
    proxy.harming = harmless;
    proxy.cut();
  };

/** The operator is killed as one of its next writes is under way, three times. */
const killed =
  (acted: boolean): Act =>
  async ({ seats: [seat], proxy, churn, random }) => {
    for (let part = 0; part < 3; part += 1) {
      let left = Math.floor(random() * 6);
      proxy.harming = ({ verb }) => {
        if (verb !== 'write' || left-- > 0) return undefined;
        return { type: 'hang', acted };
      };
      await Promise.all([churn(), proxy.harms(1)]);
      await seat.operator.kill();
      proxy.harming = harmless;
      await seat.start().ready;
    }
  };

const outage =
  (...components: readonly ('etcd' | 'kube-apiserver')[]): Act =>
  async ({ kill, restart, churn }) => {
    await churn();
    const before = churn();
    for (const component of components) await kill(component);
    await restart(...components);
    await before;
    await churn();
  };

const hours = 3_600_000;

export const faults: Readonly<Record<string, Fault>> = {
  none: {
    weight: 2,
    run: async ({ churn }) => {
      for (let part = 0; part < 3; part += 1) await churn();
    },
  },
  'API server killed': { weight: 3, run: outage('kube-apiserver') },
  'etcd killed': { weight: 3, run: outage('etcd') },
  'both killed': { weight: 2, run: outage('kube-apiserver', 'etcd') },
  'connections cut': { weight: 4, run: reconnecting(() => harmless) },
  'connections refused': {
    weight: 3,
    run: async ({ proxy, churn }) => {
      await churn();
      proxy.refusing = true;
      proxy.cut();
      await Promise.all([churn(), proxy.harms(10)]);
      proxy.refusing = false;
      await churn();
    },
  },
  slow: { weight: 3, run: during(share(0.8, (_, random) => ({ type: 'delay', ms: random() * 1500 }))) },
  '409': { weight: 3, run: during(share(0.5, write({ type: 'answer', code: 409 }))) },
  '410': {
    weight: 3,
    run: reconnecting(
      share(0.5, ({ verb }) => (verb === 'write' ? undefined : { type: 'answer', code: 410 })),
    ),
  },
  '429': { weight: 3, run: answers(429, 1) },
  '500': { weight: 3, run: answers(500) },
  '503': { weight: 3, run: answers(503, 1) },
  'answer lost': { weight: 4, run: during(share(0.5, write({ type: 'reset', acted: true }))) },
  'request lost': { weight: 2, run: during(share(0.5, write({ type: 'reset', acted: false }))) },
  'answer cut': {
    weight: 4,
    run: reconnecting(share(0.7, (_, random) => ({ type: 'cut', bytes: random() * 6000, clean: false }))),
  },
  'watch ends': {
    weight: 3,
    run: reconnecting(
      share(
        0.8,
        ofWatch((random) => ({ type: 'cut', bytes: random() * 6000, clean: true })),
      ),
    ),
  },
  'watch expired': {
    weight: 3,
    run: reconnecting(
      share(
        0.5,
        ofWatch(() => ({ type: 'expire' })),
      ),
    ),
  },
  'watch stuck, then cut': {
    weight: 4,
    run: async ({ proxy, churn }) => {
      await churn();
      proxy.mute();
      await churn();
      proxy.cut();
      await churn();
    },
  },
  'watch stuck': {
    weight: 1,
    slow: true,
    run: async ({ proxy, churn }) => {
      await churn();
      proxy.mute();
      await churn();
      await churn();
    },
  },
  'no answer': { weight: 1, slow: true, run: during(share(0.2, write({ type: 'hang', acted: true }))) },
  'clock jumps': {
    weight: 3,
    run: async ({ seats, churn, random }) => {
      for (let part = 0; part < 3; part += 1) {
        for (const { operator } of seats) operator.setClock((random() - 0.5) * 48 * hours);
        await churn();
      }
    },
  },
  'killed before a write': { weight: 4, run: killed(false) },
  'killed after a write': { weight: 4, run: killed(true) },
  suspended: {
    weight: 3,
    run: async ({ seats: [{ operator }], churn }) => {
      await churn();
      operator.suspend();
      await churn();
      operator.resume();
      await churn();
    },
  },
  'asked to end': {
    weight: 2,
    run: async ({ seats: [seat], churn }) => {
      await churn();
      const more = churn();
      await seat.operator.terminate();
      await more;
      await seat.start().ready;
      await churn();
    },
  },
  'leader suspended': { weight: 3, operators: 2, run: suspendLeader },
  'leader killed': { weight: 3, operators: 2, run: killLeader },
  'rival blinded, leader killed': { weight: 3, operators: 2, run: blindRival },
  'leader cut off': { weight: 3, operators: 2, run: isolateLeader },
  storm: {
    weight: 4,
    run: async (scene) => {
      const {
        seats: [seat],
        proxy,
        churn,
        random,
      } = scene;
      const harms: readonly Harm[] = [
        { type: 'reset', acted: true },
        { type: 'reset', acted: false },
        { type: 'answer', code: 500 },
        { type: 'answer', code: 429, retryAfter: 1 },
        { type: 'delay', ms: 300 },
        { type: 'cut', bytes: 2000, clean: false },
      ];
      proxy.harming = share(0.4, () => harms[Math.floor(random() * harms.length)])(random);
      await Promise.all([churn(), proxy.harms(5)]);
      await seat.operator.kill();
      await Promise.all([churn(), seat.start().ready]);
      proxy.cut();
      await Promise.all([churn(), proxy.harms(20)]);
      proxy.harming = harmless;
    },
  },
};
