import type { Command } from 'commander';
import { version } from '../version.ts';
import { clusterAction, talk } from './action.ts';
import { openCluster, type Target, UnreachableError, withTarget } from './cluster.ts';
import { operatorVersion } from './doctor/dormouse.ts';
import { deployments, operatorSelector } from './doctor/gather.ts';
import type { Workload } from './doctor/snapshot.ts';
import { type Format, printed, table, withOutput } from './output.ts';

interface Versions {
  readonly client: string;
  readonly kubernetes?: string;
  readonly operator?: { readonly namespace: string; readonly version: string };
}

/** Adds `dormouse version`. */
export function addVersion(program: Command): void {
  const command = program
    .command('version')
    .description('Tell the version of this program, and of the operator in the cluster where there is one.')
    .option('--client', 'of this program alone');
  withOutput(withTarget(command)).action(
    clusterAction(async (flags: Target & { readonly client?: boolean; readonly output?: Format }) => {
      const versions = { client: version, ...(flags.client ? {} : await versionsIn(flags)) };
      process.stdout.write(flags.output ? printed(versions, flags.output) : versionText(versions));
      return undefined;
    }),
  );
}

/** What the cluster says; without one, nothing, which is no mistake of who asks for a version. */
async function versionsIn(target: Target): Promise<Partial<Versions>> {
  try {
    await using cluster = await openCluster(target);
    const { kubernetes, client } = cluster;
    const { items } = await client.list<Workload>(deployments, { labelSelector: operatorSelector });
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
