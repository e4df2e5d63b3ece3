import { type Dispatcher, errors } from 'undici';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { PodObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource } from '#knative/objects.ts';
import { listAll, type Reader } from '#kube/client/client.ts';
import { messageOf } from '#kube/client/errors.ts';
import { podResource } from '#kube/client/objects.ts';
import { profileResource, runtimeResource } from '#operator/resources.ts';
import { profilesOf, runtimesOf } from '#operator/runtimes.ts';
import { mergedServer } from '#synth/server.ts';
import { PlainError } from '../action.ts';
import { type FoundModel, ifAllowed, selectionOf } from '../cluster/model.ts';
import { counted } from '../terminal/output.ts';
import type { Endpoint } from './endpoint.ts';
import { NoAnswerError } from './failure.ts';
import { metadataPath, type Protocol, type TensorMetadata } from './request.ts';
import { isReady } from './waking.ts';

/**
 * The protocol that a model speaks, as it says itself or its runtime does.
 * @throws PlainError where it speaks none that is known, or over gRPC alone
 */
export async function protocolOf(client: Reader, found: FoundModel): Promise<Protocol> {
  const model = parseInferenceModel(found);
  const [runtimes, profiles = []] = await Promise.all([
    model.spec.container ? [] : listAll(client, runtimeResource),
    ifAllowed(listAll(client, profileResource)),
  ]);
  const known = { runtimes: runtimesOf(runtimes), profiles: profilesOf(profiles) };
  const { container } = mergedServer(model, known);
  const { name } = model.metadata;
  if (container.transport === 'h2c')
    throw new PlainError(
      `${name} speaks gRPC, and predict speaks HTTP: set transport: http1, or use a gRPC client`,
    );
  if (container.protocol) return container.protocol;
  throw new PlainError(
    `${name} does not say which protocol it speaks: use --protocol, or --path with -f for one of its own`,
  );
}

/** The pods of a model; nothing where the user has no right to list them. */
export const podsOf = (client: Reader, model: FoundModel): Promise<readonly PodObject[] | undefined> =>
  ifAllowed(listAll<PodObject>(client, podResource, selectionOf(model)));

/** Pods of a model that are ready now. The figure of Knative trails the pods by seconds, and is taken where they cannot be seen. */
export async function replicasOf(client: Reader, model: FoundModel): Promise<number> {
  const pods = await podsOf(client, model);
  if (pods) return pods.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length;
  const revisions = await listAll<RevisionObject>(client, revisionResource, selectionOf(model));
  return revisions.reduce((sum, { status }) => sum + (status?.actualReplicas ?? 0), 0);
}

export interface Call {
  readonly path: string;
  /** JSON; a GET without it. */
  readonly body?: string;
  readonly timeoutMs: number;
}

/** @throws NoAnswerError where there is no answer; one with a status of failure is an answer */
export async function send(
  endpoint: Endpoint,
  { path, body, timeoutMs }: Call,
): Promise<Dispatcher.ResponseData> {
  try {
    return await endpoint.dispatcher.request({
      origin: endpoint.origin,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: { host: endpoint.host, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  } catch (cause) {
    const isLate = cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError;
    const what = isLate ? `within ${timeoutMs / 1000} s` : `(${messageOf(cause)})`;
    throw new NoAnswerError(`no answer ${endpoint.description} ${what}`, { cause });
  }
}

/** The only tensor that a V2 model takes; nothing where it takes several, or does not say. */
export async function tensorMetadata(
  endpoint: Endpoint,
  model: string,
  timeoutMs: number,
): Promise<TensorMetadata | undefined> {
  const answer = await send(endpoint, { path: metadataPath(model), timeoutMs });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) return undefined;
  const { inputs = [] } = JSON.parse(text) as { readonly inputs?: readonly TensorMetadata[] };
  return inputs.length === 1 ? inputs[0] : undefined;
}

/** What a request met, and how long it took. */
export function timingText(name: string, replicas: number, ms: number, endpoint: string): string {
  const time = ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
  return replicas === 0
    ? `cold: ${name} was asleep, and answered after ${time}, ${endpoint}`
    : `warm: ${name} was awake with ${counted(replicas, 'pod')}, and answered after ${time}, ${endpoint}`;
}
