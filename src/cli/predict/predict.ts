import { type Dispatcher, errors } from 'undici';
import type { Container } from '#api/v1alpha1/container.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { PodObject } from '#knative/objects.ts';
import { listAll, type Reader } from '#kube/client/client.ts';
import { messageOf } from '#kube/client/errors.ts';
import { podResource } from '#kube/client/objects.ts';
import { profileResource, runtimeResource } from '#operator/resources.ts';
import { profilesOf, runtimesOf } from '#operator/runtimes.ts';
import { mergedServer } from '#synth/server.ts';
import { type FoundModel, ifAllowed, selectionOf } from '../cluster/model.ts';
import { counted } from '../terminal/output.ts';
import type { Endpoint } from './endpoint.ts';
import { NoAnswerError } from './failure.ts';
import { metadataPath, type TensorMetadata } from './request.ts';
import { isReady } from './waking.ts';

/** How a model is spoken to, as it says itself or its runtime does. */
export async function speechOf(
  client: Reader,
  found: FoundModel,
): Promise<Pick<Container, 'protocol' | 'transport'>> {
  const model = parseInferenceModel(found);
  const [runtimes, profiles = []] = await Promise.all([
    model.spec.container ? [] : listAll(client, runtimeResource),
    ifAllowed(listAll(client, profileResource)),
  ]);
  const known = { runtimes: runtimesOf(runtimes), profiles: profilesOf(profiles) };
  return mergedServer(model, known).container;
}

/** Says how to ask a model that speaks gRPC, which takes its own client and the `.proto` file of its service. */
export function grpcText(
  name: string,
  protocol: Container['protocol'],
  { origin, host, pod }: Pick<Endpoint, 'origin' | 'host' | 'pod'>,
): string {
  const { hostname, port } = new URL(origin);
  const address = pod ? '127.0.0.1:8080' : `${hostname}:${port || 80}`;
  const forward = pod
    ? `run "kubectl port-forward -n ${pod.namespace} ${pod.pod} 8080:${pod.port}", and beside it `
    : 'run ';
  const [file, body, method] =
    protocol === 'v2'
      ? [
          'open_inference_grpc.proto',
          ` -d '{"name": "${name}"}'`,
          'inference.GRPCInferenceService/ModelReady',
        ]
      : ['FILE.proto', '', 'SERVICE/METHOD'];
  return `${name} speaks gRPC, and predict speaks HTTP: ${forward}a gRPC client, such as: grpcurl -plaintext -authority ${host} -proto ${file}${body} ${address} ${method}`;
}

/** The pods of a model; nothing where the user has no right to list them. */
export const podsOf = (client: Reader, model: FoundModel): Promise<readonly PodObject[] | undefined> =>
  ifAllowed(listAll<PodObject>(client, podResource, selectionOf(model)));

/** Pods of a model that are ready now. The figure of its status trails them, and is taken where they cannot be seen. */
export async function replicasOf(client: Reader, model: FoundModel): Promise<number> {
  const pods = await podsOf(client, model);
  if (!pods) return model.status?.replicas ?? 0;
  return pods.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length;
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
