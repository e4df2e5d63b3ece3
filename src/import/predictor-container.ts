import { apiVersion, inferenceRuntimes } from '#api/group.ts';
import { milliValue, type Quantity } from '#api/schema/quantity.ts';
import type { ContainerInput } from '#api/v1alpha1/container.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { devicesOf } from '#synth/accelerator.ts';
import { compact } from './compact.ts';
import type { Connection } from './connections.ts';
import { readContainer, readResources } from './container.ts';
import { readVolumes } from './pod.ts';
import { NotConvertibleError } from './reasons.ts';
import { versionOf } from './serving-runtime.ts';
import type { Source } from './source.ts';
import { readUri } from './storage.ts';

/** By this variable a container asks KServe for a model in /mnt/models. */
const storageVariable = 'STORAGE_URI';
const format = 'custom';

/**
 * A predictor with a container of its own; where that asks for a model to be fetched, the container becomes a runtime
 * called `name`.
 * @throws NotConvertibleError where there are several, or none
 */
export function convertContainer(
  predictor: Source,
  name: string,
  connection: Connection | undefined,
): { readonly spec: InferenceModelSpecInput; readonly runtime?: object } {
  const [server, other] = containersOf(predictor);
  if (!server) throw new NotConvertibleError(predictor.path, 'server');
  if (other) throw new NotConvertibleError(other.path, 'containers');
  const { volumes, volumeMounts } = readVolumes(predictor, server);
  const { container, grpcPort } = readContainer(server, volumeMounts);
  const pod = compact({ pod: compact({ volumes }) });
  const resources = withDefaults(server);
  const asking = server
    .at('env')
    .items()
    .find((item) => item.at('name').is(storageVariable));
  if (grpcPort !== undefined && !asking) server.at('ports').note('second-port', String(grpcPort));
  if (!asking) return { spec: { container, resources, ...pod } };
  asking.note('as-runtime', name);
  if (!container.command) server.note('waiting');
  return {
    spec: {
      model: { format, ...readUri(asking.at('value'), connection) },
      runtime: { name },
      resources,
      ...pod,
    },
    runtime: makeRuntime(name, container, resources, grpcPort),
  };
}

/** The containers of a predictor. v1alpha2 has one below `custom`, and guides of others one that KServe does not know. */
export function containersOf(predictor: Source): Source[] {
  const unknown = predictor.at('container');
  if (unknown.exists) unknown.note('unknown-field', 'containers');
  const single = [predictor.at('custom', 'container'), unknown].filter(({ exists }) => exists);
  return [...predictor.at('containers').items(), ...single];
}

const makeRuntime = (
  name: string,
  { env = [], ...container }: ContainerInput,
  resources: Resources,
  grpcPort: number | undefined,
): object => ({
  apiVersion,
  kind: inferenceRuntimes.kind,
  metadata: { name },
  spec: compact({
    version: versionOf(container.image),
    maturity: 'Experimental',
    formats: [{ name: format }],
    container: {
      ...container,
      env: env.map((variable) =>
        variable.name === storageVariable ? { name: storageVariable, value: '$(MODEL_DIR)' } : variable,
      ),
    },
    grpcPort,
    accelerator: acceleratorOf(devicesOf({ resources })),
  }),
});

const acceleratorOf = (devices: readonly string[]) => (devices.length > 0 ? { devices } : undefined);

/** What KServe, as it is installed, gives a container that does not say it itself. */
const defaults = { cpu: '1', memory: '2Gi' };

/** A default gives way to what is written of the other of request and limit. */
function withDefaults(server: Source): Resources {
  const read = readResources(server);
  const requests = { ...read.requests };
  const limits = { ...read.limits };
  const named = Object.entries(defaults);
  if (named.some(([name]) => !(name in requests && name in limits)))
    server.at('resources').note('default', 'cpu 1, memory 2Gi');
  for (const [name, usual] of named) {
    const request = requests[name] ?? lower(usual, limits[name] ?? usual);
    requests[name] = request;
    limits[name] ??= lower(request, usual) === request ? usual : request;
  }
  return { requests, limits };
}

const lower = (left: Quantity, right: Quantity) => (milliValue(left) <= milliValue(right) ? left : right);
