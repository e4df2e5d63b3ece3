import { catalogue } from '#catalogue/catalogue.ts';
import { capabilitiesFrom } from '#knative/settings.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import type { Environment } from '#synth/environment.ts';
import { type InstalledOperator, settingsFor } from './installed-operator.ts';
import type { ClusterState, Hidden } from './state.ts';

/** Gives what the models of a namespace are made for. */
export type Environments = (namespace: string | undefined) => Environment;

/**
 * What the controller makes models for in a cluster, of each namespace the one that serves it. Tells what is taken for
 * want of knowing it.
 * @param operatorSettings its settings, if not those of its Deployment
 */
export function environmentsOf(
  state: ClusterState,
  operatorSettings: OperatorSettings | undefined,
  log: (line: string) => void,
): Environments {
  const { settings, runtimes, profiles, operators, hidden } = state;
  const unknown = hidden
    .filter((what) => !operatorSettings || what !== 'operators')
    .map((what) => taken[what]);
  for (const line of [...unknown, ...(operatorSettings ? [] : operators.flatMap(doubt))]) log(line);
  const common = {
    capabilities: capabilitiesFrom(settings),
    runtimes: runtimes ?? catalogue(),
    profiles,
  };
  return (namespace) => ({ ...common, ...(operatorSettings ?? settingsFor(operators, namespace)) });
}

const { fetcherImage } = settingsFor([], undefined);

/** What holds in the place of what is not seen. */
const taken: Readonly<Record<Hidden, string>> = {
  settings: 'the settings of Knative cannot be read here: they are taken to be as it is shipped',
  runtimes: 'the InferenceRuntimes cannot be read here: the built-in ones are taken',
  operators: `how the operator was started cannot be read here: it is taken to fetch models with ${fetcherImage}, and to allow all images and ServiceAccounts; --config says it otherwise`,
};

const doubt = ({ where, unknown }: InstalledOperator): string[] =>
  unknown ? [`the operator ${where} may have other settings: ${unknown}; --config says them`] : [];
