import { labels } from '#api/group.ts';
import type { Config } from '#config/load.ts';
import { loadConfig } from '#config/load.ts';
import type { KnativeCondition } from '#knative/objects.ts';
import { messageOf } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { readConfig, readForeignFlags } from '../controller/command.ts';

export interface ContainerOfDeployment {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

export interface DeploymentObject extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec?: { readonly containers?: readonly ContainerOfDeployment[] };
    };
  };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly conditions?: readonly KnativeCondition[];
  };
}

/** Selects Deployments and pods of operators. A model may have our name, and its pods then the same label. */
export const operatorSelector = `${labels.name}=dormouse,!${labels.model}`;

/** Whether an object is one of those that {@link operatorSelector} selects. */
export const isOperator = ({ metadata }: KubernetesObject): boolean =>
  metadata.labels?.[labels.name] === 'dormouse' && metadata.labels[labels.model] === undefined;

/** An operator as its Deployment says that it is started. */
export interface InstalledOperator {
  /** Its Deployment, as `namespace/name`. */
  readonly where: string;
  readonly version: string | undefined;
  readonly config: Config;
  /** Why there may be more to its settings than `config` says. */
  readonly unknown?: string;
}

export function installedOperator(deployment: DeploymentObject): InstalledOperator {
  const { namespace, name } = deployment.metadata;
  return {
    where: `${namespace}/${name}`,
    version: versionOf(deployment),
    ...settingsOf(controllerIn(deployment)),
  };
}

/** Sidecars may stand beside it. */
function controllerIn({ spec }: DeploymentObject): ContainerOfDeployment | undefined {
  const containers = spec?.template?.spec?.containers ?? [];
  return containers.find(({ name }) => name === 'controller') ?? containers[0];
}

/** By the tag of its image; where that is pinned by its digest alone, by the label of the Deployment. */
function versionOf(deployment: DeploymentObject): string | undefined {
  const tag = /^[^@]*:([^:/@]+)(@|$)/.exec(controllerIn(deployment)?.image ?? '');
  return tag?.[1] ?? deployment.metadata.labels?.['app.kubernetes.io/version'];
}

function settingsOf(
  container: ContainerOfDeployment | undefined,
): Pick<InstalledOperator, 'config' | 'unknown'> {
  const words = [...(container?.command ?? []), ...(container?.args ?? [])];
  try {
    const { config, file } = readForeignFlags(words.slice(words.indexOf('controller') + 1));
    return {
      config,
      ...(file !== undefined && { unknown: `it has settings in the file ${file} of its pod too` }),
    };
  } catch (error) {
    return {
      config: loadConfig(undefined, []),
      unknown: `its flags are not understood here: ${messageOf(error)}`,
    };
  }
}

/** Whether there are models that both serve. */
export const overlap = (one: InstalledOperator, other: InstalledOperator): boolean =>
  one.config.namespaces.length === 0 ||
  other.config.namespaces.length === 0 ||
  one.config.namespaces.some((namespace) => other.config.namespaces.includes(namespace));

/** The settings of the operator that serves a namespace; where none does, the defaults. */
export function settingsFor(
  operators: readonly InstalledOperator[],
  namespace: string | undefined,
): OperatorSettings {
  const serving = operators.find(
    ({ config: { namespaces } }) => namespaces.length === 0 || namespaces.includes(namespace ?? ''),
  );
  return settingsIn(serving?.config ?? loadConfig(undefined, []));
}

export const settingsIn = ({ fetcherImage, allow }: Config): OperatorSettings => ({
  fetcherImage,
  allowance: allow,
});

/**
 * The settings of the operator that synthesis takes, from the file of `dormouse controller --config`;
 * nothing without one.
 * @throws ConfigError
 */
export async function readOperatorSettings(file: string | undefined): Promise<OperatorSettings | undefined> {
  if (file === undefined) return undefined;
  return settingsIn(loadConfig({ name: file, text: await readConfig(file) }, []));
}
