import type { Dispatcher } from 'undici';
import { labels } from '#api/group.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { RevisionObject } from '#knative/objects.ts';
import { revisionResource } from '#knative/objects.ts';
import type { Reader } from '#kube/client/client.ts';
import { messageOf } from '#kube/client/errors.ts';
import { runtimeResource } from '#operator/resources.ts';
import { runtimesOf } from '#operator/runtimes.ts';
import { mergedServer } from '#synth/server.ts';
import { PlainError } from '../action.ts';
import type { FoundModel } from '../cluster/model.ts';
import type { Endpoint } from './endpoint.ts';
import { metadataPath, type Protocol, type TensorMetadata } from './request.ts';

/**
 * The protocol that a model speaks, by its own words or by those of its runtime.
 * @throws PlainError where it speaks none that is known, or over gRPC alone
 */
export async function protocolOf(client: Reader, found: FoundModel): Promise<Protocol> {
  const model = parseInferenceModel(found);
  const runtimes = model.spec.container ? [] : (await client.list(runtimeResource)).items;
  const { container } = mergedServer(model, { runtimes: runtimesOf(runtimes), profiles: [] });
  const { name } = model.metadata;
  if (container.transport === 'h2c')
    throw new PlainError(`${name} speaks gRPC, and predict speaks HTTP alone`);
  if (container.protocol) return container.protocol;
  throw new PlainError(
    `${name} does not say which protocol it speaks: use --protocol, or --path with -f for one of its own`,
  );
}

/** Pods of a model that are ready now. */
export async function replicasOf(client: Reader, { metadata }: FoundModel): Promise<number> {
  const { items } = await client.list<RevisionObject>(revisionResource, {
    ...(metadata.namespace && { namespace: metadata.namespace }),
    labelSelector: `${labels.model}=${metadata.name}`,
  });
  return items.reduce((sum, { status }) => sum + (status?.actualReplicas ?? 0), 0);
}

export interface Call {
  readonly path: string;
  /** JSON; a GET without it. */
  readonly body?: string;
  readonly timeoutMs: number;
}

/** @throws PlainError where there is no answer; one with a status of failure is an answer */
export async function send(way: Endpoint, { path, body, timeoutMs }: Call): Promise<Dispatcher.ResponseData> {
  try {
    return await way.dispatcher.request({
      origin: way.origin,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: { host: way.host, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  } catch (cause) {
    throw new PlainError(`no answer ${way.words}: ${messageOf(cause)}`, { cause });
  }
}

/** The only tensor that a V2 model takes; nothing where it takes several, or does not tell. */
export async function tensorMetadata(
  way: Endpoint,
  model: string,
  timeoutMs: number,
): Promise<TensorMetadata | undefined> {
  const answer = await send(way, { path: metadataPath(model), timeoutMs });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) return undefined;
  const { inputs = [] } = JSON.parse(text) as { readonly inputs?: readonly TensorMetadata[] };
  return inputs.length === 1 ? inputs[0] : undefined;
}

/** What a request met, and how long it took. */
export function timeWords(name: string, replicas: number, ms: number, way: string): string {
  const time = ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
  const pods = replicas === 1 ? '1 pod' : `${replicas} pods`;
  return replicas === 0
    ? `cold: ${name} was asleep, and answered after ${time}, ${way}`
    : `warm: ${name} was awake with ${pods}, and answered after ${time}, ${way}`;
}
