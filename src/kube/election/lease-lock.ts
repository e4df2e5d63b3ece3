import type { Clock } from '#base/clock.ts';
import type { Reader, Writer } from '../client/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../client/errors.ts';
import { type GroupVersionResource, type KubernetesObject, microTime } from '../client/objects.ts';

/** A Lease of coordination.k8s.io/v1: which process does a job, and how long after its last renewal another may take it. */
export interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty where the job is free. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often the holder has changed. */
  readonly leaseTransitions?: number;
}

export const leaseResource: GroupVersionResource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  namespaced: true,
};

export interface LeaseLockOptions {
  /** Not one that waits for leadership before it writes. */
  readonly client: Pick<Reader & Writer, 'get' | 'create' | 'patch'>;
  readonly clock: Clock;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** One that no other process has, nor had. */
  readonly identity: string;
  readonly fieldManager: string;
  /** How long others wait after the last renewal they saw. */
  readonly leaseDurationMs: number;
  /** Milliseconds that one request may take. */
  readonly timeoutMs: number;
}

/**
 * A lock on the API server. Times in the Lease are for people: whether another's has run out is judged by our monotonic
 * clock, from when we saw it change. Each write carries the resourceVersion, so that of two the slower one fails.
 */
export class LeaseLock {
  readonly #options: LeaseLockOptions;
  /** The Lease as we know it, `undefined` if there is none, and since when. */
  #observed: { readonly lease: Lease | undefined; readonly at: number } | undefined;
  /** Whether what we know is our own last write, and need not be read again. */
  #current = false;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** The identity that has the lock, as far as it is known. */
  get holder(): string | undefined {
    return this.#spec?.holderIdentity;
  }

  /**
   * Tries once to get or to keep the lock.
   *
   * @returns when the write that did it was sent, in monotonic milliseconds: it holds from then on, however late the
   *   answer; `undefined` if another process has the lock
   * @throws if that is not known
   */
  async acquire(signal: AbortSignal): Promise<number | undefined> {
    if (!this.#current) await this.#observe(signal);
    if (this.takenMs > 0) return undefined;
    const sentAt = this.#options.clock.monotonic();
    try {
      await this.#write(this.#claim(), signal);
      return sentAt;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error;
      await this.#observe(signal);
      if (this.takenMs > 0) return undefined;
      throw error;
    }
  }

  /** Sets the lock free, if it is ours, so that the next one need not wait. */
  async release(): Promise<void> {
    if (!this.#current) await this.#observe();
    if (this.holder !== this.#options.identity) return;
    const now = microTime(this.#options.clock.now());
    const free = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    await this.#write({ ...free, leaseTransitions: this.#spec?.leaseTransitions ?? 0 });
  }

  async #observe(signal?: AbortSignal): Promise<void> {
    const { client, clock, lease: name, timeoutMs } = this.#options;
    const options = { timeoutMs, ...(signal && { signal }) };
    const lease = await client.get<Lease>(leaseResource, name, options).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (!this.#observed || lease?.metadata.resourceVersion !== this.#version)
      this.#observed = { lease, at: clock.monotonic() };
  }

  /** Milliseconds until the lock of another process runs out, if it is not renewed; 0 if there is none. */
  get takenMs(): number {
    const { clock, identity, leaseDurationMs } = this.#options;
    if (!this.holder || this.holder === identity) return 0;
    const seconds = this.#spec?.leaseDurationSeconds;
    const age = clock.monotonic() - (this.#observed?.at ?? 0);
    return Math.max(0, (seconds ? seconds * 1000 : leaseDurationMs) - age);
  }

  #claim(): LeaseSpec {
    const { clock, identity, leaseDurationMs } = this.#options;
    const renewTime = microTime(clock.now());
    const before = this.#spec;
    const kept = before?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      acquireTime: (kept && before.acquireTime) || renewTime,
      renewTime,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (before && !kept ? 1 : 0),
    };
  }

  async #write(spec: LeaseSpec, signal?: AbortSignal): Promise<void> {
    const { client, clock, lease: name, fieldManager, timeoutMs } = this.#options;
    const options = { fieldManager, timeoutMs, ...(signal && { signal }) };
    const resourceVersion = this.#version;
    this.#current = false;
    const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    // A patch, unlike an update, leaves alone what later versions of Kubernetes add to a Lease.
    const lease =
      resourceVersion === undefined
        ? await client.create<Lease>(leaseResource, { ...type, metadata: name, spec }, options)
        : await client.patch<Lease>(leaseResource, name, { metadata: { resourceVersion }, spec }, options);
    // The wall clock was set back to the very millisecond of the write before. Others have seen no renewal.
    if (lease.metadata.resourceVersion === resourceVersion)
      throw new Error('the server found nothing to change');
    this.#observed = { lease, at: clock.monotonic() };
    this.#current = true;
  }

  get #spec(): LeaseSpec | undefined {
    return this.#observed?.lease?.spec;
  }

  get #version(): string | undefined {
    return this.#observed?.lease?.metadata.resourceVersion;
  }
}
