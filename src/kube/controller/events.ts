import type { Clock } from '#base/clock.ts';
import { abortable, within } from '#base/deadline.ts';
import type { Logger } from '#base/logger.ts';
import type { Writer } from '../client/client.ts';
import { isNamespaceTerminating, messageOf } from '../client/errors.ts';
import { type GroupVersionResource, type KubernetesObject, keyOf, microTime } from '../client/objects.ts';

/** What happened to an object. */
export interface EventContent {
  readonly type: 'Normal' | 'Warning';
  /** A CamelCase word, at most 128 characters, as `action`. */
  readonly reason: string;
  readonly action: string;
  /** A sentence; what is longer than 1024 bytes is cut. */
  readonly note: string;
}

/** The length of a note, in bytes, above which the API server refuses it (pkg/apis/core/validation/events.go). */
export const maxNoteBytes = 1024;

/**
 * The Event of events.k8s.io/v1 for what happened to an object.
 * @param now milliseconds since the Unix epoch
 * @param sequence makes names of Events of one millisecond different, below 1,000,000
 */
export function eventObject(
  regarding: KubernetesObject,
  content: EventContent,
  reporter: { readonly controller: string; readonly instance: string },
  now: number,
  sequence: number,
) {
  const { apiVersion, kind } = regarding;
  const { namespace, name, uid, resourceVersion } = regarding.metadata;
  // As client-go names them: by the time in nanoseconds.
  const unique = (BigInt(now) * 1_000_000n + BigInt(sequence)).toString(16);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: namespace ?? 'default', name: `${name}.${unique}` },
    eventTime: microTime(now),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance,
    ...content,
    note: cut(content.note),
    regarding: { apiVersion, kind, namespace, name, uid, resourceVersion },
  };
}

/** As much as an Event can hold, and no part of a character. */
function cut(note: string): string {
  const bytes = new Uint8Array(maxNoteBytes);
  const { read, written } = new TextEncoder().encodeInto(note, bytes);
  return read === note.length ? note : new TextDecoder().decode(bytes.subarray(0, written));
}

const burst = 25;
const refillMs = 5 * 60_000;
const maxObjects = 4096;

/** Lets 25 events of each object pass, and then one in five minutes: a token bucket with client-go's numbers. */
export class SpamFilter {
  readonly #clock: Clock;
  /** The objects used last are at the end. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a token of this object, if it has one. */
  allows(object: string): boolean {
    const at = this.#clock.monotonic();
    const { tokens: left, at: since } = this.#buckets.get(object) ?? { tokens: burst, at };
    const tokens = Math.min(burst, left + (at - since) / refillMs);
    const allowed = tokens >= 1;
    this.#buckets.delete(object);
    this.#buckets.set(object, { tokens: allowed ? tokens - 1 : tokens, at });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > maxObjects && oldest !== undefined) this.#buckets.delete(oldest);
    return allowed;
  }
}

export const eventResource: GroupVersionResource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  namespaced: true,
};

export interface EventRecorderOptions {
  readonly client: Pick<Writer, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The reporting controller; also the field manager. */
  readonly controller: string;
  /** The process of it that reports, at most 128 characters. */
  readonly instance: string;
  /** Awaited before each write: what is more urgent than Events goes first. */
  readonly after?: () => Promise<void>;
}

/** An Event that was recorded, and how often the same happened. */
interface Series {
  readonly event: { readonly namespace: string; readonly name: string };
  count: number;
  /** When it happened last, in milliseconds since the Unix epoch. */
  lastObservedAt: number;
  /** The same, by the clock that only goes on. */
  last: number;
  /** Not before this time, by the same clock, may the count be written again. */
  next: number;
  /** Ends the waiting for that time. */
  cancel: (() => void) | undefined;
}

/** Between writes of one count. */
const intervalMs = 5 * 60_000;
/** The API server itself forgets an Event after an hour. */
const memoryMs = 30 * 60_000;
const maxSeries = 4096;
/** Above the models of a large burst, all of which wait until their Services are made. An Event has about 1 kB. */
const maxWaiting = 10_000;
/** How long Events that wait may still be written when the recorder is closed. */
const drainMs = 2000;

/**
 * Tells people what happened to objects, by Events of events.k8s.io/v1. The same once more makes no second Event but a
 * series: its count is written at once the first time, and then every five minutes at most. Recording never waits and
 * never throws: Events are written one after the other, and one that cannot be written is lost.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #spam: SpamFilter;
  /** The series used last are at the end. */
  readonly #series = new Map<string, Series>();
  readonly #stop = new AbortController();
  #isClosed = false;
  #waiting = 0;
  #tail = Promise.resolve();
  #sequence = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#spam = new SpamFilter(options.clock);
  }

  record(regarding: KubernetesObject, content: EventContent): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    const now = clock.monotonic();
    const object = regarding.metadata.uid ?? keyOf(regarding.metadata);
    const key = [object, content.type, content.reason, content.note.slice(0, maxNoteBytes)].join('\n');
    const known = this.#series.get(key);
    if (!known || now - known.last > memoryMs) {
      if (this.#spam.allows(object)) this.#begin(key, regarding, content, now);
      return;
    }
    this.#series.delete(key);
    this.#series.set(key, known);
    known.count += 1;
    known.lastObservedAt = clock.now();
    known.last = now;
    known.cancel ??= clock.after(Math.max(0, known.next - now), () => this.#continue(key, known));
  }

  /**
   * Records nothing more. Resolves when all Events are written, at the latest after {@link drainMs} or when `abort`
   * aborts: what is not written by then is lost.
   */
  async close(abort?: AbortSignal): Promise<void> {
    this.#isClosed = true;
    for (const { cancel } of this.#series.values()) cancel?.();
    await within(this.#options.clock, drainMs, this.#tail, abort);
    this.#stop.abort(new Error('the event recorder is closed'));
    await this.#tail;
  }

  #begin(key: string, regarding: KubernetesObject, content: EventContent, now: number): void {
    const { client, clock, controller: fieldManager } = this.#options;
    const lastObservedAt = clock.now();
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const object = eventObject(regarding, content, this.#options, lastObservedAt, this.#sequence);
    this.#remember(key, {
      event: object.metadata,
      count: 1,
      lastObservedAt,
      last: now,
      next: now,
      cancel: undefined,
    });
    this.#write(key, (signal) => client.create(eventResource, object, { fieldManager, signal }));
  }

  #continue(key: string, series: Series): void {
    const { client, clock, controller: fieldManager } = this.#options;
    series.cancel = undefined;
    series.next = clock.monotonic() + intervalMs;
    this.#write(key, async (signal) => {
      if (this.#series.get(key) !== series) return;
      const patch = { series: { count: series.count, lastObservedTime: microTime(series.lastObservedAt) } };
      await client.patch(eventResource, series.event, patch, { fieldManager, signal });
    });
  }

  #remember(key: string, series: Series): void {
    this.#forget(key);
    this.#series.set(key, series);
    const [oldest] = this.#series.keys();
    if (this.#series.size > maxSeries && oldest !== undefined) this.#forget(oldest);
  }

  #forget(key: string): void {
    this.#series.get(key)?.cancel?.();
    this.#series.delete(key);
  }

  /** Writes when all before is written. What fails is forgotten, and when it happens again begins anew. */
  #write(key: string, send: (signal: AbortSignal) => Promise<unknown>): void {
    if (this.#waiting >= maxWaiting) {
      this.#forget(key);
      return;
    }
    this.#waiting += 1;
    const { signal } = this.#stop;
    const { after } = this.#options;
    this.#tail = this.#tail.then(async () => {
      try {
        if (after) await abortable(after(), signal);
        if (!signal.aborted) await send(signal);
      } catch (error) {
        this.#forget(key);
        if (!signal.aborted && !isNamespaceTerminating(error))
          this.#options.logger.warn({ err: error }, `an Event could not be written: ${messageOf(error)}`);
      } finally {
        this.#waiting -= 1;
      }
    });
  }
}
