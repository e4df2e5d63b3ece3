import type { Variable } from './container.ts';
import type { KserveRuntime } from './serving-runtime.ts';

/** What KServe chooses a runtime by. */
export interface Wanted {
  readonly runtime?: string | undefined;
  readonly format: string;
  readonly version?: string | undefined;
  readonly protocol: string;
  readonly namespace?: string | undefined;
}

const protocols = ['v1', 'v2', 'grpc-v1', 'grpc-v2'];

/**
 * The runtime that KServe would give a model, of those in the input: the one it names, first in its namespace; or the
 * one of the highest priority that serves its format and protocol, those of its namespace first (KServe,
 * `ModelSpec.GetSupportingRuntimes`).
 */
export function kserveChoice(wanted: Wanted, runtimes: readonly KserveRuntime[]): KserveRuntime | undefined {
  const near = runtimes.filter(
    ({ metadata }) => metadata.namespace !== undefined && metadata.namespace === wanted.namespace,
  );
  const everywhere = runtimes.filter(({ metadata }) => metadata.namespace === undefined);
  const { runtime } = wanted;
  if (runtime !== undefined)
    return [...near, ...everywhere].find(({ metadata }) => metadata.name === runtime);
  return [near, everywhere].flatMap((scope) => supporting(wanted, scope))[0];
}

function supporting(
  { format, version, protocol }: Wanted,
  runtimes: readonly KserveRuntime[],
): KserveRuntime[] {
  const priority = ({ formats }: KserveRuntime) =>
    formats.find(({ name }) => name === format)?.priority ?? -1;
  const rank = (runtime: KserveRuntime) =>
    Math.min(...runtime.protocols.map((name) => protocols.indexOf(name)), 4);
  const name = ({ metadata }: KserveRuntime) => metadata.name ?? '';
  return runtimes
    .filter((runtime) => runtime.protocols.length === 0 || runtime.protocols.includes(protocol))
    .filter(({ formats }) =>
      formats.some(
        (known) =>
          known.autoSelect && known.name === format && (version === undefined || known.version === version),
      ),
    )
    .toSorted(
      (left, right) =>
        priority(right) - priority(left) || rank(left) - rank(right) || (name(left) < name(right) ? -1 : 1),
    );
}

/** What KServe adds to a model that is served by a runtime of its own, which it knows by name. */
interface Addition {
  readonly env: readonly Variable[];
  readonly labels: Readonly<Record<string, string>>;
}

interface Served {
  readonly name: string;
  readonly format: string;
  readonly protocol: string;
}

const nothing: Addition = { env: [], labels: {} };

const modelClasses = new Map([
  ['xgboost', 'mlserver_xgboost.XGBoostModel'],
  ['lightgbm', 'mlserver_lightgbm.LightGBMModel'],
  ['mlflow', 'mlserver_mlflow.MLflowRuntime'],
]);

const additions = new Map<string, (served: Served) => Addition>([
  [
    'kserve-mlserver',
    ({ name, format }) => ({
      env: [
        { name: 'MLSERVER_MODEL_NAME', value: name },
        { name: 'MLSERVER_MODEL_URI', value: '/mnt/models' },
      ],
      labels: { modelClass: modelClasses.get(format) ?? 'mlserver_sklearn.SKLearnModel' },
    }),
  ],
  [
    'kserve-torchserve',
    ({ protocol }) => ({
      env: [{ name: 'PROTOCOL_VERSION', value: protocol }],
      labels: { serviceEnvelope: protocol.endsWith('v2') ? 'kservev2' : 'kserve' },
    }),
  ],
]);

/** As KServe's `SetRuntimeDefaults`: variables of the server, and labels that its texts refer to. */
export const additionOf = (runtime: string | undefined, served: Served): Addition =>
  additions.get(runtime ?? '')?.(served) ?? nothing;

const withGpuTag = ['kserve-tensorflow-serving', 'kserve-torchserve', 'kserve-huggingfaceserver'];
const tag = /:[\w.-]*$/;

/** As KServe's `UpdateImageTag`: the image of a model that asks for a version of its runtime, or for a GPU. */
export function taggedImage(
  image: string,
  {
    version,
    runtime,
    devices,
  }: { version?: string | undefined; runtime?: string | undefined; devices: readonly string[] },
): string {
  if (image.includes('@sha256:')) return image;
  if (version !== undefined)
    return tag.test(image) ? image.replace(tag, `:${version}`) : `${image}:${version}`;
  const hasGpu = devices.some((device) => device === 'nvidia.com/gpu' || device.startsWith('nvidia.com/mig'));
  if (!hasGpu || !withGpuTag.includes(runtime ?? '') || !tag.test(image) || image.endsWith('-gpu'))
    return image;
  return `${image}-gpu`;
}

/** Of each format the runtime that KServe has for it, by the name under which it installs it. */
export const shippedRuntimes = new Map([
  ['tensorflow', 'kserve-tensorflow-serving'],
  ['pytorch', 'kserve-torchserve'],
  ['triton', 'kserve-tritonserver'],
  ['onnx', 'kserve-tritonserver'],
  ['tensorrt', 'kserve-tritonserver'],
  ['pmml', 'kserve-pmmlserver'],
  ['paddle', 'kserve-paddleserver'],
  ['huggingface', 'kserve-huggingfaceserver'],
]);
