import { OperatorProcess } from './operator.ts';
import type { FaultProxy } from './proxy.ts';

/** Where one operator runs, behind a proxy of its own, and another one after it when it has ended. */
export class Seat implements AsyncDisposable {
  readonly proxy: FaultProxy;
  /** How many operators have been started here. */
  starts = 0;
  readonly #kubeconfig: string;
  readonly #log: string;
  readonly #elected: boolean;
  #operator: OperatorProcess | undefined;

  constructor(proxy: FaultProxy, kubeconfig: string, log: string, elected: boolean) {
    this.proxy = proxy;
    this.#kubeconfig = kubeconfig;
    this.#log = log;
    this.#elected = elected;
  }

  /** The operator that runs here now. */
  get operator(): OperatorProcess {
    if (!this.#operator) throw new Error('no operator was started here');
    return this.#operator;
  }

  start(): OperatorProcess {
    this.starts += 1;
    this.#operator = new OperatorProcess(this.#kubeconfig, this.#log, [
      ...nowhere,
      ...(this.#elected ? election : ['--leader-elect=false']),
    ]);
    return this.#operator;
  }

  /** Whether the operator here has ended though it must not. One that may have lost the Lease may, and is started again. */
  async check(): Promise<string | undefined> {
    const { broken } = this.operator;
    if (!broken || !this.#elected) return broken;
    await this.start().ready;
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#operator?.kill();
  }
}

/** Two operators on one machine cannot have the same ports. */
const nowhere = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];

/** Short times, so that a Lease that nobody set free is soon another's. */
const election = [
  '--leader-elect=true',
  '--leader-elect-lease-duration=4s',
  '--leader-elect-renew-deadline=3s',
  '--leader-elect-retry-period=1s',
];
