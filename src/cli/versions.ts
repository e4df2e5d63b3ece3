import { deploymentResource } from '../kube/builtin.ts';
import { version } from '../version.ts';
import { exitCodes, talk } from './action.ts';
import { openCluster } from './cluster.ts';
import { operatorVersion } from './doctor/dormouse.ts';
import { operatorSelector } from './doctor/gather.ts';
import type { Workload } from './doctor/snapshot.ts';
import { UnreachableError } from './errors.ts';
import type { Format, Target } from './flags.ts';
import { printed, table } from './output.ts';

export interface VersionFlags extends Target {
  readonly client?: boolean;
  readonly output?: Format;
}

interface Versions {
  readonly client: string;
  readonly kubernetes?: string;
  readonly operator?: { readonly namespace: string; readonly version: string };
}

/** Prints versions, and gives the exit code. */
export async function runVersion(flags: VersionFlags): Promise<number> {
  const versions = { client: version, ...(flags.client ? {} : await versionsIn(flags)) };
  process.stdout.write(flags.output ? printed(versions, flags.output) : versionText(versions));
  return exitCodes.done;
}

/** What the cluster says; without one, nothing, which is no mistake of who asks for a version. */
async function versionsIn(target: Target): Promise<Partial<Versions>> {
  try {
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
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    talk(error.message);
    return {};
  }
}

/** Versions for people. */
export function versionText({ client, operator, kubernetes }: Versions): string {
  return table([
    ['dormouse', client],
    ...(operator ? [['operator', `${operator.version} in ${operator.namespace}`]] : []),
    ...(kubernetes ? [['Kubernetes', kubernetes]] : []),
  ]);
}
