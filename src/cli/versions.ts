import { deploymentResource } from '../kube/builtin.ts';
import { version } from '../version.ts';
import { exitCodes } from './action.ts';
import { openCluster } from './cluster.ts';
import { operatorVersion } from './doctor/dormouse.ts';
import { operatorSelector } from './doctor/gather.ts';
import type { Workload } from './doctor/snapshot.ts';
import type { Format, Target } from './flags.ts';
import { printed, table } from './output.ts';
import { tell } from './terminal.ts';

export interface VersionFlags extends Target {
  readonly client?: boolean;
  readonly output?: Format;
}

interface Versions {
  readonly client: string;
  readonly kubernetes?: string;
  readonly operator?: { readonly namespace: string; readonly version: string };
}

/** Prints versions, that of this program also where there is no cluster, and gives the exit code. */
export async function runVersion({ client, output, ...target }: VersionFlags): Promise<number> {
  const show = (cluster: Partial<Versions>) => {
    const versions = { client: version, ...cluster };
    tell(output ? printed(versions, output) : versionText(versions));
  };
  try {
    show(client ? {} : await versionsIn(target));
  } catch (error) {
    show({});
    throw error;
  }
  return exitCodes.done;
}

async function versionsIn(target: Target): Promise<Partial<Versions>> {
  await using cluster = await openCluster(target);
  const { kubernetes, client } = cluster;
  const { items } = await client.list<Workload>(deploymentResource, { labelSelector: operatorSelector });
  const [found] = items;
  if (!found) return { kubernetes };
  const operator = {
    namespace: found.metadata.namespace ?? '',
    version: operatorVersion(found) ?? 'unknown',
  };
  return { kubernetes, operator };
}

/** Versions for people. */
export function versionText({ client, operator, kubernetes }: Versions): string {
  return table([
    ['dormouse', client],
    ...(operator ? [['operator', `${operator.version} in ${operator.namespace}`]] : []),
    ...(kubernetes ? [['Kubernetes', kubernetes]] : []),
  ]);
}
