import { lookup } from 'node:dns/promises';
import type { Duplex } from 'node:stream';
import { Agent, Client, type Dispatcher } from 'undici';
import type { Container } from '#api/v1alpha1/container.ts';
import type { Connection } from '#kube/client/connection.ts';
import { isForbidden } from '#kube/client/errors.ts';
import { type PodPort, portForward } from '#kube/client/port-forward.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { PlainError } from '../action.ts';
import type { FoundModel } from '../cluster/model.ts';
import { findGateway } from './gateway.ts';
import { podsOf } from './predict.ts';
import { isReady } from './waking.ts';

/** Where requests for a model go. */
export interface Endpoint extends AsyncDisposable {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  /** By which the ingress knows the model. */
  readonly host: string;
  /** Where it is a pod, which is reached through the API server. */
  readonly pod?: PodPort;
  /** For people. */
  readonly description: string;
}

export interface EndpointOptions {
  /** HOST:PORT of an ingress. */
  readonly via?: string | undefined;
  readonly transport?: Container['transport'];
}

interface Cluster {
  readonly client: RestClient;
  readonly connection: Connection;
}

/**
 * Where a model answers: at an address that the user gives, at its public URL where it has one that resolves here, and
 * else through the API server at the ingress within the cluster; where the user may not reach that, at a pod of the model.
 *
 * @throws PlainError
 */
export async function resolveEndpoint(
  { client, connection }: Cluster,
  model: FoundModel,
  { via, transport = 'http1' }: EndpointOptions = {},
): Promise<Endpoint> {
  const { namespace = 'default', name } = model.metadata;
  const { url, address } = model.status ?? {};
  const isPublic = model.spec?.access?.visibility === 'Public';
  const internal = address?.url ?? url;
  if (!internal) throw new PlainError(`${name} has no address yet: "dormouse status ${name}" says why`);
  const outer = new URL(isPublic && url ? url : internal);
  if (via !== undefined) return direct(originOf(via), outer.host, `through ${via}`);
  if (isPublic && (await resolves(outer.hostname)))
    return direct(outer.origin, outer.host, `at ${outer.origin}`);
  const { host } = new URL(internal);
  const gateway = await findGateway(client, { namespace, name }).catch(async (error) => {
    if (!isForbidden(error)) throw error;
    return ownPod(client, model, queueProxyPorts[transport], error.message);
  });
  return forwarded(connection, gateway, host);
}

/** The ports of queue-proxy for requests (serving `pkg/networking/constants.go`). */
const queueProxyPorts = { http1: 8012, h2c: 8013 } as const;

/** A pod of the model, which the user may reach with the rights of `edit`. It cannot wake a model that sleeps. */
async function ownPod(
  client: RestClient,
  model: FoundModel,
  port: number,
  refusal: string,
): Promise<PodPort> {
  const { namespace = 'default', name } = model.metadata;
  const pods = (await podsOf(client, model)) ?? [];
  const pod = pods.find((each) => isReady(each) && !each.metadata.deletionTimestamp);
  if (pod) return { namespace, pod: pod.metadata.name, port };
  throw new PlainError(
    `${name} has no pod that serves, and the ingress that wakes it is not yours to reach (${refusal}): name an address of the ingress with --via HOST:PORT, or ask an administrator for the ClusterRole dormouse-predict in the namespace of the ingress`,
  );
}

function forwarded(connection: Connection, target: PodPort, host: string): Endpoint {
  const origin = `http://${host}`;
  const dispatcher = new Client(origin, {
    connect: (_, done) => {
      portForward(connection, target).then(
        (stream) => done(null, stream as Duplex as never),
        (error) =>
          done(isForbidden(error) ? new PlainError(forwardRefused(target, error.message)) : error, null),
      );
    },
  });
  return {
    dispatcher,
    origin,
    host,
    pod: target,
    description: `through the API server and pod ${target.namespace}/${target.pod}`,
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

const forwardRefused = ({ namespace }: PodPort, refusal: string) =>
  `${refusal}: ask an administrator for the right to create pods/portforward in namespace ${namespace}, or use --via HOST:PORT`;

function direct(origin: string, host: string, description: string): Endpoint {
  const dispatcher = new Agent();
  return { dispatcher, origin, host, description, [Symbol.asyncDispose]: () => dispatcher.destroy() };
}

function originOf(via: string): string {
  const url = URL.parse(via.includes('://') ? via : `http://${via}`);
  if (!url?.hostname) throw new PlainError(`--via is "${via}": write HOST:PORT`);
  return url.origin;
}

const resolves = (hostname: string): Promise<boolean> =>
  lookup(hostname).then(
    () => true,
    () => false,
  );
