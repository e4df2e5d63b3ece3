import type { KubernetesObject } from '../client/objects.ts';
import { microTime } from '../election/microtime.ts';

/** What happened to an object. */
export interface EventContent {
  readonly type: 'Normal' | 'Warning';
  /** A CamelCase word, at most 128 characters, as `action`. */
  readonly reason: string;
  readonly action: string;
  /** A sentence; what is longer than 1024 bytes is cut. */
  readonly note: string;
}

/** The most that an Event can say, in bytes. */
export const longestNote = 1024;

/**
 * The Event of events.k8s.io/v1 that tells something of an object.
 * @param now milliseconds since the Unix epoch
 * @param sequence tells Events of one millisecond apart, below 1,000,000
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
  const bytes = new Uint8Array(longestNote);
  const { read, written } = new TextEncoder().encodeInto(note, bytes);
  return read === note.length ? note : new TextDecoder().decode(bytes.subarray(0, written));
}
