import { annotations } from '#api/group.ts';
import type { Model } from '#api/v1alpha1/model.ts';
import { type FlaggedField, podFields } from '#api/v1alpha1/pod-fields.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { type Capabilities, isOn } from '#knative/capabilities.ts';
import { patchCommand } from '#knative/setting.ts';
import { UriError } from '#sources/model-uri.ts';
import { parseMounted } from '#sources/mounted.ts';
import { isFetched, isMounted, readSchemes, schemeOf, unreadScheme } from '#sources/schemes.ts';
import { fullName } from '../runtime.ts';
import { UnsupportedError } from '../unsupported.ts';
import { cachePart, initContainerPart, sidecarPart } from './fetcher.ts';
import { settingOf } from './flags.ts';
import { mountedPart } from './mounted.ts';
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
  /** Whether it is one for such a model at all, whatever the cluster is. */
  readonly suits: (request: Request) => boolean;
  /** Why it cannot be; undefined where it can. */
  readonly obstacle: (request: Request) => Refusal | undefined;
  /** What it brings to the pod. */
  readonly part: PartOf;
}

const uriOf = ({ spec }: Request) => spec.model?.uri ?? '';
const schemeIn = (request: Request) => schemeOf(uriOf(request));
/** A URI that cannot even be mounted is told there. */
const isFetchedHere = (request: Request) =>
  isFetched(schemeIn(request), 'Pod') && !(isMounted(schemeIn(request)) && wrongUri(request));
const hasCache = ({ spec }: Request) => spec.model?.cache !== undefined;

/** What nothing but the fetcher heeds. */
const fetcherAlone = ['digest', 'maxSize', 'include', 'exclude', 'credentials'] as const;

/** The deliveries, best first. */
const deliveries = [
  {
    name: 'Direct',
    suits: (request) => request.runtime.spec.reads?.some((name) => name === schemeIn(request)) ?? false,
    obstacle: (request) => {
      const unheeded = unheededBy(request, [...fetcherAlone, 'cache']);
      if (unheeded.length === 0) return undefined;
      return {
        problem: `spec.model.uri: ${fullName(request.runtime)} reads ${schemeIn(request)}:// itself, without a word of ${unheeded.join(', ')}: leave that out, or use ${readSchemes('Pod')}`,
      };
    },
    part: () => undefined,
  },
  {
    name: 'Mounted',
    suits: (request) => isMounted(schemeIn(request)),
    obstacle: (request) =>
      wrongUri(request) ??
      unmountable(request) ??
      flagsOff(request, [
        schemeIn(request) === 'pvc'
          ? { words: 'PersistentVolumeClaims', field: podFields.persistentVolumeClaim }
          : { words: 'volumes of images', field: podFields.image },
      ]),
    part: mountedPart,
  },
  {
    name: 'Cache',
    suits: (request) => isFetchedHere(request) && hasCache(request),
    obstacle: (request) =>
      isWritable(request)
        ? {
            problem: `spec.model.cache: the server writes into the folder of its model (layout.writable), and a cache is shared: leave one of both out`,
          }
        : flagsOff(request, [
            { words: 'init containers', field: podFields.initContainers },
            { words: 'PersistentVolumeClaims', field: podFields.persistentVolumeClaim },
            { words: 'claims that are written to', field: podFields.writableClaim },
          ]),
    part: cachePart,
  },
  {
    name: 'InitContainer',
    suits: (request) => isFetchedHere(request) && !hasCache(request),
    obstacle: (request) =>
      flagsOff(request, [
        { words: 'init containers', field: podFields.initContainers },
        { words: 'emptyDir volumes', field: podFields.emptyDir },
      ]),
    part: initContainerPart,
  },
  {
    name: 'Sidecar',
    suits: (request) => isFetchedHere(request) && !hasCache(request),
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

/** Fields of the model that are written, and that a delivery would not heed. */
const unheededBy = ({ spec: { model } }: Request, fields: readonly (keyof Model)[]) =>
  fields.filter((field) => model?.[field] !== undefined).map((field) => `spec.model.${field}`);

function wrongUri(request: Request): Refusal | undefined {
  try {
    parseMounted(uriOf(request));
    return undefined;
  } catch (error) {
    if (error instanceof UriError) return { problem: `spec.model.uri: ${error.message}` };
    throw error;
  }
}

const isWritable = ({ spec, runtime }: Request): boolean =>
  spec.runtime?.layout?.writable ?? runtime.spec.layout?.writable ?? false;

/** Why a model cannot be mounted as it is, where nothing is fetched and nothing checked. */
function unmountable(request: Request): Refusal | undefined {
  const unheeded = unheededBy(request, [...fetcherAlone, 'endpoint', 'region', 'cache']);
  if (unheeded.length > 0)
    return {
      problem: `${unheeded.join(', ')}: a model of ${schemeIn(request)}:// is mounted as it is: leave that out`,
    };
  if (isWritable(request))
    return {
      problem: `spec.model.uri: the server writes into the folder of its model (layout.writable), and a model of ${schemeIn(request)}:// is read-only: use another place`,
    };
  return undefined;
}

/** Says which flags of Knative are off, and how to turn them on. */
function flagsOff(
  { capabilities }: Request,
  wanted: readonly { readonly words: string; readonly field: FlaggedField }[],
): Refusal | undefined {
  const missing = wanted.filter(({ field }) => !isOn(capabilities, field));
  if (missing.length === 0) return undefined;
  const settings = missing.map(({ field }) => settingOf(field));
  const patches = settings.map((setting) => patchCommand(setting, capabilities.settingsOwner));
  return {
    problem: `this cluster allows no ${missing.map(({ words }) => words).join(' and ')}: ${patches.join(' && ')}`,
    settings,
  };
}

/** The first delivery that fits, or why none does. */
function findDelivery(request: Request): (typeof deliveries)[number] | Refusal {
  const obstacles: Refusal[] = [];
  for (const delivery of deliveries.filter(({ suits }) => suits(request))) {
    const obstacle = delivery.obstacle(request);
    if (!obstacle) return delivery;
    obstacles.unshift(obstacle);
  }
  if (obstacles.length === 0) return { problem: `spec.model.uri: ${unreadScheme(schemeIn(request), 'Pod')}` };
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
