import { version } from '#base/version.ts';
import { listAll, type Reader } from '#kube/client/client.ts';
import { isForbidden } from '#kube/client/errors.ts';
import { deploymentResource } from '#kube/client/objects.ts';
import { exitCodes } from '../action.ts';
import { type DeploymentObject, installedOperator, operatorSelector } from '../cluster/installed-operator.ts';
import { openCluster } from '../cluster/open.ts';
import type { Format, Target } from '../flags.ts';
import { printed, table } from '../terminal/output.ts';
import { log, print } from '../terminal/terminal.ts';

export interface VersionFlags extends Target {
  readonly client?: boolean;
  readonly output?: Format;
}

interface Versions {
  readonly client: string;
  readonly kubernetes?: string;
  readonly operators?: readonly { readonly namespace: string; readonly version: string }[];
}

/** Prints versions, that of this program also where there is no cluster, and gives the exit code. */
export async function runVersion({ client, output, ...target }: VersionFlags): Promise<number> {
  const show = (cluster: Partial<Versions>) => {
    const versions = { client: version, ...cluster };
    print(output ? printed(versions, output) : versionText(versions));
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
  const operators = await operatorsIn(client).catch((error) => {
    if (!isForbidden(error)) throw error;
    log(`whether there is an operator is not known: ${error.message}`);
  });
  return { kubernetes, ...(operators && { operators }) };
}

async function operatorsIn(client: Reader): Promise<Versions['operators']> {
  const items = await listAll<DeploymentObject>(client, deploymentResource, {
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
