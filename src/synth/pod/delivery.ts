import { annotations } from '#api/group.ts';
import { podFields } from '#api/v1alpha1/pod-fields.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { type Capabilities, isOn } from '#knative/capabilities.ts';
import { patchCommand } from '#knative/setting.ts';
import { fetchedSchemes, isFetched, schemeOf, unreadScheme } from '#sources/schemes.ts';
import { fullName } from '../runtime.ts';
import { UnsupportedError } from '../unsupported.ts';
import { initContainerPart, sidecarPart } from './fetcher.ts';
import { settingOf } from './flags.ts';
import type { PartOf, Refusal } from './part.ts';

/** A model, the runtime that serves it, and the cluster. */
interface Request {
  readonly spec: Pick<InferenceModelSpec, 'model' | 'runtime'>;
  readonly runtime: InferenceRuntime;
  readonly capabilities: Capabilities;
}

/** A way of a model to its server. */
interface Delivery {
  readonly name: string;
  /** Why it cannot be; undefined where it can. */
  readonly obstacle: (request: Request) => Refusal | undefined;
  /** What it brings to the pod. */
  readonly part: PartOf;
}

/** What a server that reads the model itself would not heed. */
const fetcherAlone = ['digest', 'maxSize', 'include', 'exclude', 'credentials'] as const;

/** The deliveries, best first. */
const deliveries = [
  {
    name: 'Direct',
    obstacle: (request) => {
      const scheme = schemeOf(uriOf(request));
      if (!reads(request)) return { problem: unreadScheme(scheme, 'Pod') };
      const unheeded = unheededBy(request);
      if (unheeded.length === 0) return undefined;
      return {
        problem: `${fullName(request.runtime)} reads ${scheme}:// itself, without a word of ${unheeded.join(', ')}: leave that out, or use ${fetchedSchemes('Pod')}`,
      };
    },
    part: () => undefined,
  },
  {
    name: 'InitContainer',
    obstacle: ({ capabilities }) => {
      const missing = [
        { words: 'init containers', field: podFields.initContainers },
        { words: 'emptyDir volumes', field: podFields.emptyDir },
      ].filter(({ field }) => !isOn(capabilities, field));
      if (missing.length === 0) return undefined;
      const settings = missing.map(({ field }) => settingOf(field));
      const patches = settings.map((setting) => patchCommand(setting, capabilities.settingsOwner));
      return {
        problem: `this cluster allows no ${missing.map(({ words }) => words).join(' and ')}: ${patches.join(' && ')}`,
        settings,
      };
    },
    part: initContainerPart,
  },
  {
    name: 'Sidecar',
    obstacle: ({ spec, runtime, capabilities }) => {
      const command = spec.runtime?.command?.length ? spec.runtime.command : runtime.spec.container.command;
      if (!(runtime.spec.shell !== 'Absent') || !command?.length)
        return { problem: `${fullName(runtime)} has no shell and command to wait with` };
      return isOn(capabilities, podFields.secondContainer) && isOn(capabilities, podFields.emptyDir)
        ? undefined
        : { problem: 'this cluster allows no second container with an emptyDir' };
    },
    part: sidecarPart,
  },
] as const satisfies readonly Delivery[];

/** The names of all deliveries. */
export type DeliveryName = (typeof deliveries)[number]['name'];

const uriOf = ({ spec }: Request) => spec.model?.uri ?? '';
const reads = (request: Request) =>
  request.runtime.spec.reads?.some((name) => name === schemeOf(uriOf(request)));
const unheededBy = ({ spec: { model } }: Request) =>
  fetcherAlone.filter((field) => model?.[field] !== undefined).map((field) => `spec.model.${field}`);

/** The first delivery that fits, or why none does. */
function findDelivery(request: Request): (typeof deliveries)[number] | Refusal {
  const [direct, ...fetching] = deliveries;
  const unread = direct.obstacle(request);
  if (!unread) return direct;
  if (!isFetched(schemeOf(uriOf(request)), 'Pod')) return { problem: `spec.model.uri: ${unread.problem}` };
  const obstacles: Refusal[] = [];
  for (const delivery of fetching) {
    const obstacle = delivery.obstacle(request);
    if (!obstacle) return delivery;
    obstacles.unshift(obstacle);
  }
  return {
    problem: obstacles.map(({ problem }) => problem).join(', and '),
    settings: obstacles.flatMap(({ settings = [] }) => settings),
  };
}

/**
 * How a model gets to the server of a runtime in a cluster.
 * @throws UnsupportedError with the flag to set and how, where there is no way
 */
export function chooseDelivery(
  spec: Request['spec'],
  runtime: InferenceRuntime,
  capabilities: Capabilities,
): DeliveryName {
  const found = findDelivery({ spec, runtime, capabilities });
  if ('problem' in found) throw new UnsupportedError([found.problem], found.settings);
  return found.name;
}

/** Brings the model to its server; a container of the user's own brings its model itself. */
export const deliveryPart: PartOf = (context) => {
  const { model, server, environment } = context;
  if (!server.runtime) return undefined;
  const { capabilities } = environment;
  const found = findDelivery({
    spec: { ...model.spec, model: server.source },
    runtime: server.runtime,
    capabilities,
  });
  if ('problem' in found) return found;
  return { ...found.part(context), annotations: { [annotations.delivery]: found.name } };
};
