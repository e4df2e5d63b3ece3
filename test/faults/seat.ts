import { OperatorProcess } from './operator.ts';
import type { FaultProxy } from './proxy.ts';

/** Where one operator runs, behind a proxy of its own, and another one after it when it has ended. */
export class Seat implements AsyncDisposable {
  readonly proxy: FaultProxy;
  /** How many operators have been started here. */
  starts = 0;
  readonly #kubeconfig: string;
  readonly #log: string;
  readonly #flags: readonly string[];
  #operator: OperatorProcess | undefined;

  constructor(proxy: FaultProxy, kubeconfig: string, log: string, elected: boolean) {
    this.proxy = proxy;
    this.#kubeconfig = kubeconfig;
    this.#log = log;
    this.#flags = elected ? election : [];
  }

  /** The operator that runs here now. */
  get operator(): OperatorProcess {
    if (!this.#operator) throw new Error('no operator was started here');
    return this.#operator;
  }

  start(): OperatorProcess {
    this.starts += 1;
    this.#operator = new OperatorProcess(this.#kubeconfig, this.#log, this.#flags);
    return this.#operator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#operator?.kill();
  }
}

/** Short times, so that a Lease that nobody set free is soon another's. */
const election = [
  '--leader-elect=true',
  '--leader-elect-lease-duration=4s',
  '--leader-elect-renew-deadline=3s',
  '--leader-elect-retry-period=1s',
];
