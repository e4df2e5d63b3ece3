import * as z from 'zod';
import { type FlaggedField, podFields } from '#api/v1alpha1/pod-fields.ts';
import type { SettingsConfigMap } from './names.ts';
import type { SettingsOwner } from './setting.ts';

const integer = (shipped: number) => z.coerce.number().int().catch(shipped);
const flag = (shipped: boolean) => z.stringbool().catch(shipped);
const amount = z.string().min(1).optional().catch(undefined);

/** What Knative fills in where a template is silent, and the bounds it sets (ConfigMap `config-defaults`). */
const defaults = z.object({
  'revision-timeout-seconds': integer(300),
  'max-revision-timeout-seconds': integer(600),
  'revision-response-start-timeout-seconds': integer(300).optional(),
  'revision-idle-timeout-seconds': integer(0),
  'container-concurrency': integer(0),
  'container-concurrency-max-limit': integer(1000),
  'allow-container-concurrency-zero': flag(true),
  'revision-cpu-request': amount,
  'revision-cpu-limit': amount,
  'revision-memory-request': amount,
  'revision-memory-limit': amount,
  'revision-ephemeral-storage-request': amount,
  'revision-ephemeral-storage-limit': amount,
});

/** The bounds of ConfigMap `config-autoscaler`, and what holds for a revision that says nothing. */
const autoscaler = z.object({
  'initial-scale': integer(1),
  'min-scale': integer(0),
  'allow-zero-initial-scale': flag(false),
  'max-scale-limit': integer(0),
});

/**
 * Seconds of a Go duration such as `1h30m`, `90s` or `600s`, the form of times in Knative's ConfigMaps (serving
 * `pkg/deployment/config.go`).
 */
function goSeconds(text: string): number | undefined {
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (unitSeconds[unit] ?? 1), 0);
}
const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** What Knative gives the Deployment of a revision and its own container in each pod (ConfigMap `config-deployment`). */
const deployment = z.object({
  'progress-deadline': z
    .string()
    .transform((text) => goSeconds(text) ?? 600)
    .catch(600),
  'queue-sidecar-cpu-request': amount,
  'queue-sidecar-cpu-limit': amount,
  'queue-sidecar-memory-request': amount,
  'queue-sidecar-memory-limit': amount,
  'queue-sidecar-ephemeral-storage-request': amount,
  'queue-sidecar-ephemeral-storage-limit': amount,
});

/** How a flag of ConfigMap `config-features` stands. */
export type FlagState = (typeof flagStates)[number];
const flagStates = ['enabled', 'allowed', 'disabled'] as const;

/** The flags that are on as Knative ships; all others are off. */
const shippedFlags: Readonly<Record<string, FlagState>> = Object.fromEntries(
  Object.values<FlaggedField>(podFields)
    .filter(({ isShippedOn }) => isShippedOn)
    .map(({ flag }) => [flag, 'enabled'] as const),
);

/** The flags of a cluster. Text that Knative does not know leaves a flag as it is shipped. */
function flagsOf(data: Readonly<Record<string, string>> = {}): Readonly<Record<string, FlagState>> {
  const known = Object.entries(data).flatMap(([flag, text]) => {
    const state = flagStates.find((each) => each === text.toLowerCase());
    return state ? [[flag, state] as const] : [];
  });
  return { ...shippedFlags, ...Object.fromEntries(known) };
}

/** Whether this Knative has a field. Where its version is not known, it has every one. */
export const hasField = ({ servingVersion }: Capabilities, { since = 0 }: FlaggedField): boolean =>
  (servingVersion ?? since) >= since;

/** Whether the flag of a field lets it through. */
export function isOn({ features }: Capabilities, { flag, reading }: FlaggedField): boolean {
  const state = features[flag] ?? 'disabled';
  return state === 'enabled' || (reading === 'not-disabled' && state === 'allowed');
}

/** What a cluster allows and fills in, as far as synthesis must know it. */
export interface Capabilities {
  readonly defaults: z.infer<typeof defaults>;
  readonly autoscaler: z.infer<typeof autoscaler>;
  readonly features: Readonly<Record<string, FlagState>>;
  readonly deployment: z.infer<typeof deployment>;
  /** The minor version of knative.dev/serving, such as 48; undefined where it is not known. */
  readonly servingVersion?: number | undefined;
  /** Set where Knative's operator keeps the settings. */
  readonly settingsOwner?: SettingsOwner | undefined;
}

/** The data of Knative's ConfigMaps, by their names. */
export type Settings = Readonly<Partial<Record<SettingsConfigMap, Readonly<Record<string, string>>>>>;

/** The settings of a cluster. What its ConfigMaps do not say is as Knative ships it. */
export function capabilitiesOf(
  settings: Settings = {},
  settingsOwner?: SettingsOwner,
  servingVersion?: number,
): Capabilities {
  return {
    defaults: defaults.parse(settings['config-defaults'] ?? {}),
    autoscaler: autoscaler.parse(settings['config-autoscaler'] ?? {}),
    features: flagsOf(settings['config-features']),
    deployment: deployment.parse(settings['config-deployment'] ?? {}),
    settingsOwner,
    servingVersion,
  };
}

/** Knative 0.48 as shipped: what `render` assumes without a cluster at hand. */
export const shipped: Capabilities = capabilitiesOf();
