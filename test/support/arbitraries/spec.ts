import fc from 'fast-check';
import { container, image, texts, variableName } from './container.ts';
import { mostly, someOf, wrongType } from './mostly.ts';
import { objectName } from './names.ts';
import { pod } from './pod.ts';
import { bytes, resources } from './resources.ts';
import { scale, timeouts } from './scale.ts';

const anyRuntime = someOf({
  name: mostly(fc.constant('mlserver-sklearn'), fc.constantFrom('', 'A', 'a@1', 'a b')),
  version: mostly(fc.constant('1.7.1'), fc.constantFrom('', 'a b', '-1')),
  image,
  command: texts,
  args: texts,
  env: fc.uniqueArray(fc.record({ name: variableName, value: fc.constant('x') }), {
    maxLength: 2,
    selector: ({ name }) => name,
  }),
  layout: mostly(
    someOf({
      folder: mostly(
        fc.constantFrom('$(MODEL_NAME)/1', 'a', 'a/b.c/d_e'),
        fc.constantFrom('', '/', '/a', 'a/', '..', 'a/../b', '$(MODEL_DIR)', 'a b', '.a'),
      ),
      file: mostly(
        fc.constantFrom('model.onnx', 'model.*', 'a'),
        fc.constantFrom('', '.a', 'a/b', '*', 'a*', '..', 'a.'),
      ),
    }),
    wrongType,
  ),
  transport: mostly(fc.constantFrom('http1', 'h2c'), fc.constantFrom('grpc', '')),
});
const runtime = mostly(
  anyRuntime.map(({ version, ...rest }) =>
    rest.name !== undefined && version ? { version, ...rest } : rest,
  ),
  anyRuntime,
);
const served = fc.record(
  {
    format: mostly(fc.constant('sklearn'), fc.constantFrom('', 'Sklearn', 'a b')),
    uri: mostly(
      fc.constantFrom(
        's3://models/iris/v3',
        's3://models/My Model (1).joblib',
        's3://models/ü',
        'https://models.example/iris.tar.gz?v=1#a',
      ),
      fc.constant('file:///models'),
      fc.constantFrom('', 's3://', 'iris', 'ftp://a/b', 's3://a/b ', 's3:// a', 's3://a\nb'),
    ),
    digest: mostly(
      fc.constant(`sha256:${'0'.repeat(64)}`),
      fc.constantFrom('sha256:0', `sha256:${'A'.repeat(64)}`),
    ),
    maxSize: bytes,
    endpoint: mostly(
      fc.constantFrom('https://minio.example:9000', 'http://s3.ns.svc'),
      fc.constantFrom('minio:9000', '', 'ftp://a'),
    ),
    region: mostly(fc.constant('eu-central-1'), fc.constantFrom('', 'eu central')),
    credentials: fc.record({ secretRef: fc.record({ name: objectName }) }),
  },
  { requiredKeys: ['format', 'uri'] },
);

/** Leaves what a spec of this kind has: a server of its own, or a model with its runtime. */
function withServer<T extends { kind: string; container: unknown; model: unknown; runtime?: unknown }>(
  spec: T,
) {
  const { kind, container, model, runtime, ...rest } = spec;
  return {
    ...rest,
    ...((kind === 'container' || kind === 'both') && { container }),
    ...((kind === 'model' || kind === 'both') && { model, ...(runtime !== undefined && { runtime }) }),
  };
}

/** Specs of InferenceModels, some good and some not, with every field of the schema. */
export const modelSpec = mostly(
  fc
    .record(
      {
        kind: mostly(fc.constantFrom('container', 'model'), fc.constantFrom('both', 'neither')),
        container: mostly(container, wrongType),
        model: served,
        runtime,
        resources,
        scale,
        timeouts,
        access: mostly(
          someOf({
            visibility: mostly(
              fc.constantFrom('ClusterLocal', 'Public'),
              fc.constantFrom('public', 'cluster'),
            ),
          }),
          wrongType,
        ),

        pod: mostly(pod, wrongType),
        surprise: fc.constant(1),
      },
      { requiredKeys: ['kind', 'container', 'model'] },
    )
    .map(withServer)
    .map(({ surprise, ...spec }) =>
      surprise && spec.access === undefined && spec.scale === undefined ? { ...spec, surprise } : spec,
    ),
  fc.constant({}),
);

export const modelName = mostly(
  fc.stringMatching(/^[a-z]([-a-z0-9]{0,46}[a-z0-9])?$/),
  fc.constantFrom('1a', 'a.b', 'a-', 'x'.repeat(49), 'x'.repeat(48)),
);
