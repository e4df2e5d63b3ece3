import type { RestClient } from '#kube/client/rest.ts';
import type { Kserve } from '../kserve/manager.ts';
import type { Figures } from './figures.ts';
import type { Pod } from './operator.ts';
import type { Requests } from './requests.ts';

export const phases = [
  'create',
  'requests',
  'memory',
  'rest',
  'latency',
  'restart',
  'failover',
  'synthesis',
] as const;
export type Phase = (typeof phases)[number];

export interface Scenario {
  /** Models at once. */
  readonly n: number;
  /** Of Knative: its webhook alone, or all that works without pods. */
  readonly knative: 'webhook' | 'all';
  /** How often each side creates all models. */
  readonly rounds: number;
  /** Whether KServe takes part. */
  readonly kserve?: true;
  /** Whether the operator is watched doing nothing. */
  readonly rest?: true;
}

/** Dearer ones run less often; Knative's controller alone takes minutes for some hundred models. */
export const scenarios: readonly Scenario[] = [
  { knative: 'webhook', n: 100, rounds: 5 },
  { knative: 'webhook', n: 300, rounds: 3, kserve: true },
  { knative: 'webhook', n: 1000, rounds: 3, rest: true },
  { knative: 'webhook', n: 10_000, rounds: 1 },
  { knative: 'all', n: 300, rounds: 1, kserve: true },
];

export interface Settings {
  /** Requests that the plain client has under way at a time. */
  readonly concurrency: number;
  /** Seconds that the operator is watched doing nothing. */
  readonly rest: number;
  /** Models that are made and changed one after the other. */
  readonly changes: number;
  readonly only: readonly Phase[];
  /** Folder for profiles of the operator. */
  readonly profile: string | undefined;
}

/** What every measurement needs. */
export interface Bench {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly settings: Settings;
  readonly client: RestClient;
  readonly pod: Pod;
  readonly requests: Requests;
  /** Installed when it is first asked for. */
  readonly kserve: () => Promise<Kserve>;
  readonly figures: Figures;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}
