import { inject } from 'vitest';
import { type Connection, connect } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { operatorUser } from './install.ts';
import { runKubectl } from './kubectl.ts';

/** What tests get of the cluster that the set-up of their project brought up: all of it that is plain data. */
export type TestCluster = Omit<Cluster, 'loadImage' | 'exec'>;

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: TestCluster;
  }
}

/** The cluster of this test project. */
export const cluster = (): TestCluster => inject('cluster');

/** What `kubectl` prints, as the administrator of the cluster. Rejects with what it said on standard error. */
export const kubectl = (args: readonly string[], input = ''): Promise<string> =>
  runKubectl(cluster(), args, input);

/** A client with the rights of the administrator. */
export async function adminClient(): Promise<RestClient> {
  return new RestClient(await administrator());
}

/** A client with the rights that manifests/ gives the operator, and no other; `user` is its ServiceAccount. */
export async function operatorClient(user = operatorUser): Promise<RestClient> {
  const connection = await administrator();
  return new RestClient({
    ...connection,
    authorize: async () => {
      const { headers, dispatcher } = await connection.authorize();
      return { headers: { ...headers, 'Impersonate-User': user }, dispatcher };
    },
  });
}

const administrator = (): Promise<Connection> => connect({ kubeconfig: cluster().kubeconfig, env: {} });
