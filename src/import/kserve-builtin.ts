import type { Variable } from './container.ts';

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
