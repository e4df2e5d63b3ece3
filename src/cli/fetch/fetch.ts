import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { bytes, milliValue } from '#api/schema/quantity.ts';
import { systemClock } from '#base/clock.ts';
import { shownBytes } from '#fetch/disk.ts';
import { FetchError } from '#fetch/errors.ts';
import { fetchModel } from '#fetch/fetch.ts';
import { makeProgress, type ProgressStyle } from '#fetch/progress.ts';
import { trustAuthorities } from '#fetch/settings.ts';
import { messageOf } from '#kube/client/errors.ts';
import { log } from '../terminal/terminal.ts';

export interface FetchFlags {
  readonly digest?: string;
  readonly size?: string;
  readonly unpack: boolean;
  readonly as?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly concurrency: string;
  readonly partSize: string;
  readonly allowHttp?: boolean;
  readonly anonymous?: boolean;
  readonly endpoint?: string;
  readonly region?: string;
  readonly cache?: boolean;
  readonly progress: ProgressStyle | 'auto';
}

/** Done; failed for good; worth running again. */
const exitCodes = { done: 0, permanent: 1, retryable: 2 } as const;
const smallestPart = 64 * 1024;

/**
 * Fetches a model into a folder and gives the exit code. What goes wrong is one sentence on standard error and in the
 * pod's termination message.
 */
export async function runFetch(
  uri: string,
  folder: string,
  flags: FetchFlags,
  signal: AbortSignal,
): Promise<number> {
  const { env, stderr } = process;
  // The kubelet gives this to every container (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
  const place = env.KUBERNETES_SERVICE_HOST && !stderr.isTTY ? 'Pod' : 'Prompt';
  const style = flags.progress === 'auto' ? (stderr.isTTY ? 'bar' : 'lines') : flags.progress;
  const progress = makeProgress(style, systemClock, (text) => stderr.write(text));
  const fail = (message: string, code: number): number => {
    log(`error: ${message}`);
    leaveTerminationMessage(env.DORMOUSE_TERMINATION_LOG || '/dev/termination-log', message);
    return code;
  };
  try {
    trustAuthorities(env);
    const { marker, fetched } = await fetchModel(uri, folder, {
      digest: flags.digest,
      size: flags.size === undefined ? undefined : bytesOf('--size', flags.size),
      unpack: flags.unpack,
      as: flags.as,
      include: flags.include,
      exclude: flags.exclude,
      concurrency: whole('--concurrency', flags.concurrency, 1, 256),
      partSize: Math.max(smallestPart, bytesOf('--part-size', flags.partSize)),
      allowHttp: flags.allowHttp ?? false,
      target: flags.cache ? 'Cache' : 'Folder',
      flags: { anonymous: flags.anonymous, endpoint: flags.endpoint, region: flags.region },
      place,
      env,
      progress,
      clock: systemClock,
      random: Math.random,
      signal,
    });
    const held = `${marker.files} ${marker.files === 1 ? 'file' : 'files'}, ${shownBytes(marker.bytes)}`;
    progress.log(
      fetched
        ? `${marker.uri} is complete in ${folder}: ${held}`
        : `${folder} already holds ${marker.uri}, complete since ${marker.time}: nothing to do`,
    );
    return exitCodes.done;
  } catch (error) {
    if (signal.aborted) {
      return fail('interrupted: run again to go on where this one stopped.', exitCodes.retryable);
    }
    if (error instanceof FetchError)
      return fail(error.messageIn(place), exitCodes[error.retryable ? 'retryable' : 'permanent']);
    fail(messageOf(error), exitCodes.permanent);
    throw error;
  }
}

/** A number of bytes, written as Kubernetes writes quantities. */
function bytesOf(flag: string, text: string): number {
  if (!bytes.isValid(text))
    throw usage(`${flag} is "${text}": write an amount of bytes, such as 500Mi or 2Gi.`);
  return Number(milliValue(text) / 1000n);
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`${flag} is "${text}": write a whole number from ${least} to ${most}.`);
}

const usage = (message: string): FetchError => new FetchError(message, { retryable: false });

/**
 * Kubernetes shows what a container leaves in this file when it ends. It is there when Kubernetes wants it; where it is
 * not, none is made.
 */
function leaveTerminationMessage(path: string, message: string): void {
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
    writeSync(file, message);
    closeSync(file);
  } catch {
    // Standard error has the message in any case.
  }
}
