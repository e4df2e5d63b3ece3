import { lookup } from 'node:dns/promises';
import type { Duplex } from 'node:stream';
import { Agent, Client, type Dispatcher } from 'undici';
import type { Connection } from '#kube/client/connection.ts';
import { portForward } from '#kube/client/port-forward.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { PlainError } from '../action.ts';
import type { FoundModel } from '../cluster/model.ts';
import { findGateway } from './gateway.ts';

/** A way on which requests reach a model. */
export interface Endpoint extends AsyncDisposable {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  /** By which the ingress knows the model. */
  readonly host: string;
  /** For people. */
  readonly words: string;
}

interface Cluster {
  readonly client: RestClient;
  readonly connection: Connection;
}

/**
 * The way to a model: by an address that the user gives, by its public URL where it has one that resolves here, and
 * else through the API server to the ingress within the cluster.
 *
 * @param via HOST:PORT of an ingress
 * @throws PlainError
 */
export async function resolveEndpoint(
  { client, connection }: Cluster,
  model: FoundModel,
  via: string | undefined,
): Promise<Endpoint> {
  const { namespace = 'default', name } = model.metadata;
  const { url, address } = model.status ?? {};
  const isPublic = model.spec?.access?.visibility === 'public';
  const internal = address?.url ?? url;
  if (!internal) throw new PlainError(`${name} has no address yet: "dormouse status ${name}" tells why`);
  const outer = new URL(isPublic && url ? url : internal);
  if (via !== undefined) return direct(originOf(via), outer.host, `by way of ${via}`);
  if (isPublic && (await resolves(outer.hostname)))
    return direct(outer.origin, outer.host, `at ${outer.origin}`);
  const gateway = await findGateway(client, { namespace, name });
  const { host } = new URL(internal);
  const origin = `http://${host}`;
  const dispatcher = new Client(origin, {
    connect: (_, done) => {
      portForward(connection, gateway).then(
        (stream) => done(null, stream as Duplex as never),
        (error) => done(error, null),
      );
    },
  });
  return {
    dispatcher,
    origin,
    host,
    words: `through the API server and pod ${gateway.namespace}/${gateway.pod}`,
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function direct(origin: string, host: string, words: string): Endpoint {
  const dispatcher = new Agent();
  return { dispatcher, origin, host, words, [Symbol.asyncDispose]: () => dispatcher.destroy() };
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
