import type { Clock } from '#base/clock.ts';
import { withDeadline } from '#base/deadline.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { LeaderElectorOptions } from '#kube/election/leader-election.ts';
import type { Lease } from '#kube/election/lease-lock.ts';

/** What lies between a process and the server: it may take its time to `send`, or throw before or after it. */
export type Network = (send: () => Lease) => Promise<Lease>;

/** Keeps one Lease as the API server would: what changes it gets a new resourceVersion, and a stale write a conflict. */
export class LeaseServer {
  lease: Lease | undefined;
  /** Each request that came, `patch` with the holder that it asks for. */
  readonly requests: string[] = [];
  #version = 0;

  /** Names the holder of a Lease that is there, as if that one had just renewed it. */
  hold(holderIdentity: string, spec: Lease['spec'] = {}): void {
    const before = this.lease?.spec;
    this.#store({ ...before, leaseDurationSeconds: 15, ...spec, holderIdentity });
  }

  client(clock: Clock, network: Network = async (send) => send()): LeaderElectorOptions['client'] {
    const ask = async (
      options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } | undefined,
      send: () => Lease,
    ): Promise<never> => {
      const deadline = {
        clock,
        ms: options?.timeoutMs ?? 30_000,
        late: () => new Error('timeout'),
        parent: options?.signal,
      };
      return withDeadline(deadline, (signal) =>
        Promise.race([
          network(send),
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]),
      ) as Promise<never>;
    };
    return {
      get: (_, __, options) => ask(options, () => this.#get()),
      create: (_, lease, options) => ask(options, () => this.#create(lease)),
      patch: (_, __, patch, options) => ask(options, () => this.#patch(patch as Lease)),
    };
  }

  #get(): Lease {
    this.requests.push('get');
    if (!this.lease) throw new ApiError('GET', 404, { reason: 'NotFound' });
    return this.lease;
  }

  #create({ spec }: Lease): Lease {
    this.requests.push(`create ${spec?.holderIdentity}`);
    if (this.lease) throw new ApiError('POST', 409, { reason: 'AlreadyExists' });
    return this.#store(spec);
  }

  #patch({ metadata, spec }: Lease): Lease {
    this.requests.push(`patch ${spec?.holderIdentity}`);
    if (!this.lease) throw new ApiError('PATCH', 404, { reason: 'NotFound' });
    if (metadata.resourceVersion !== this.lease.metadata.resourceVersion)
      throw new ApiError('PATCH', 409, { reason: 'Conflict', message: 'the object has been modified' });
    const merged = { ...this.lease.spec, ...spec };
    return JSON.stringify(merged) === JSON.stringify(this.lease.spec) ? this.lease : this.#store(merged);
  }

  #store(spec: Lease['spec']): Lease {
    this.#version += 1;
    const metadata = { namespace: 'system', name: 'operator', resourceVersion: String(this.#version) };
    this.lease = { metadata, ...(spec && { spec }) };
    return this.lease;
  }
}
