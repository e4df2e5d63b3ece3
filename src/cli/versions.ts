import { deploymentResource } from '../kube/builtin.ts';
import type { Reader } from '../kube/client.ts';
import { isForbidden } from '../kube/errors.ts';
import { version } from '../version.ts';
import { exitCodes, talk } from './action.ts';
import { openCluster } from './cluster.ts';
import { UnreachableError } from './errors.ts';
import type { Format, Target } from './flags.ts';
import { type DeploymentObject, installedOperator, operatorSelector } from './installed-operator.ts';
import { printed, table } from './output.ts';

export interface VersionFlags extends Target {
  readonly client?: boolean;
  readonly output?: Format;
}

interface Versions {
  readonly client: string;
  readonly kubernetes?: string;
  readonly operators?: readonly { readonly namespace: string; readonly version: string }[];
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
    const operators = await operatorsIn(client).catch((error) => {
      if (!isForbidden(error)) throw error;
      talk(`whether there is an operator cannot be told: ${error.message}`);
    });
    return { kubernetes, ...(operators && { operators }) };
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    talk(error.message);
    return {};
  }
}

async function operatorsIn(client: Reader): Promise<Versions['operators']> {
  const { items } = await client.list<DeploymentObject>(deploymentResource, {
    labelSelector: operatorSelector,
  });
  return items.map((deployment) => ({
    namespace: deployment.metadata.namespace ?? '',
    version: installedOperator(deployment).version ?? 'unknown',
  }));
}

/** Versions for people. */
export function versionText({ client, operators = [], kubernetes }: Versions): string {
  return table([
    ['dormouse', client],
    ...operators.map(({ version, namespace }) => ['operator', `${version} in ${namespace}`]),
    ...(kubernetes ? [['Kubernetes', kubernetes]] : []),
  ]);
}
