import { catalogue } from '#catalogue/catalogue.ts';
import { parseDocuments } from '#cli/input/yaml.ts';
import { type ConversionResult, convert } from '#import/convert.ts';

/** Where the model of them lies. */
export const uri = 's3://models/iris/v3';
/** A container that says all of itself. */
export const container =
  '{ image: "registry.example/own:1", resources: { requests: { cpu: 1, memory: 2Gi }, limits: { cpu: 1, memory: 2Gi } }, securityContext: { runAsUser: 1000 } }';
/** What every model has that was an InferenceService. */
export const usual = { scale: { minReplicas: 1 }, access: { visibility: 'Public' } };
/** What is said of each of them. */
export const notes = ['default metadata.labels', 'default spec.predictor.minReplicas'];

/** What becomes of a YAML stream, beside the built-in runtimes. */
export const imported = (yaml: string): ConversionResult[] =>
  convertedFrom(parseDocuments(yaml).map((document) => document.toJS()));

const builtIn = catalogue();

export const convertedFrom = (values: readonly object[]): ConversionResult[] =>
  convert(
    values.map((value, index) => ({ where: `document ${index + 1}`, value })),
    builtIn,
  );

/** An InferenceService with a predictor. */
export const service = (predictor: string, metadata = '{ name: iris }'): string =>
  `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: ${metadata}
spec:
  predictor: ${predictor}
`;

/** A ClusterServingRuntime with more in its spec, or a namespaced one. */
export const runtime = (spec = '', { name = 'server', namespace = '' } = {}): string =>
  `apiVersion: serving.kserve.io/v1alpha1
kind: ${namespace ? 'ServingRuntime' : 'ClusterServingRuntime'}
metadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }
spec:
  supportedModelFormats: [{ name: sklearn, version: "1", autoSelect: true, priority: 1 }]
  protocolVersions: [v1]
  containers:
    - name: kserve-container
      image: registry.example/server:1.2
      args: ["--model_name={{.Name}}", "--model_dir=/mnt/models"]
  ${spec}
`;

/** The specs that came out, those of runtimes before those of models. */
export const specsOf = (outcomes: readonly ConversionResult[]): unknown[] =>
  outcomes.flatMap(({ objects }) => objects.map((object) => (object as { spec: unknown }).spec));

/** What was said, as `reason path`. */
export const remarksOf = (outcomes: readonly ConversionResult[]): string[] =>
  outcomes.flatMap(({ remarks }) => remarks.map(({ reason, path }) => `${reason} ${path}`.trim()));
