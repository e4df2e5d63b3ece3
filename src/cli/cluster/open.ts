import { version } from '#base/version.ts';
import { type Connection, connect } from '#kube/client/connection.ts';
import { ApiError, messageOf } from '#kube/client/errors.ts';
import { RestClient } from '#kube/client/rest.ts';
import { UnreachableError } from '../action.ts';
import type { Target } from '../flags.ts';

/** A cluster that has answered. */
export interface OpenCluster extends AsyncDisposable {
  readonly client: RestClient;
  readonly connection: Connection;
  /** That of the flag, of the context, or `default`. */
  readonly namespace: string;
  /** Version of Kubernetes, such as v1.34.1. */
  readonly kubernetes: string;
}

/** The field manager of what people change by the command line. */
export const cliManager = 'dormouse-cli';

const patienceMs = 10_000;

/**
 * Connects, and makes sure that a server answers.
 * @throws UnreachableError
 */
export async function openCluster({ namespace, ...target }: Target): Promise<OpenCluster> {
  const connection = await connect({ ...target, env: process.env }).catch(unreachable);
  const client = new RestClient(connection, { userAgent: `dormouse/${version}` });
  try {
    const { gitVersion } = await client.read<{ gitVersion: string }>('/version', { timeoutMs: patienceMs });
    return {
      client,
      connection,
      namespace: namespace ?? connection.namespace ?? 'default',
      kubernetes: gitVersion,
      [Symbol.asyncDispose]: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    return unreachable(error, connection.server);
  }
}

function unreachable(cause: unknown, server?: string): never {
  const said = messageOf(cause);
  const why = cause instanceof ApiError && cause.code === 401 ? `it does not know you: ${said}` : said;
  throw new UnreachableError(server ? `cannot reach the cluster at ${server}: ${why}` : why, { cause });
}
