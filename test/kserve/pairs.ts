import { catalogue } from '#catalogue/catalogue.ts';
import { convert } from '#import/convert.ts';
import type { Example, KserveObject } from './examples.ts';

/** What both operators get: the same InferenceServices, and what becomes of them and of the runtimes. */
export interface Pairs {
  readonly services: readonly { readonly where: string; readonly value: KserveObject }[];
  /** InferenceRuntimes and InferenceModels. */
  readonly converted: readonly object[];
}

/**
 * The InferenceServices of some examples that are converted and that KServe, too, makes a Knative Service of: each in
 * this namespace, under a name of its own, and with its predictor alone.
 */
export function pairsOf(examples: readonly Example[], runtimes: readonly object[], namespace: string): Pairs {
  const services = examples
    .flatMap(({ where, objects }) =>
      objects instanceof Error ? [] : objects.map((value) => ({ where, value })),
    )
    .filter(
      ({ value }) =>
        value.kind === 'InferenceService' && isValid(value) && !isRaw(value) && !bringsRuntime(value),
    )
    .map(({ where, value }, index) => ({
      where,
      value: placed(value, { name: `example-${index}`, namespace }),
    }));
  const inputs = [...runtimes.map((value) => ({ where: 'runtimes', value })), ...services];
  const outcomes = convert(inputs, catalogue());
  const ofServices = outcomes.slice(runtimes.length);
  return {
    services: services
      .filter((_, index) => ofServices[index]?.result === 'converted')
      .map(({ where, value }) => ({
        where,
        value: { ...value, spec: { predictor: value.spec?.predictor } },
      })),
    converted: outcomes.flatMap(({ objects }) => objects),
  };
}

/** Whether this KServe takes it: not of its former v1alpha2, and not with a field that it does not know. */
const isValid = ({ apiVersion, spec }: KserveObject) =>
  apiVersion.endsWith('/v1beta1') && !('container' in ((spec?.predictor ?? {}) as object));

/** Whether it asks KServe for a Deployment. */
const isRaw = ({ metadata }: KserveObject) =>
  ['Standard', 'RawDeployment'].includes(metadata.annotations?.['serving.kserve.io/deploymentMode'] ?? '');

/** KServe refuses that runtime, since one of its own has the same priority. */
const bringsRuntime = ({ spec }: KserveObject) =>
  JSON.stringify(spec ?? {}).includes('"custom-kserve-huggingfaceserver"');

/** KServe has no longer its former group. Where a model lies does not matter here; from some places Dormouse cannot fetch one yet. */
function placed(value: KserveObject, metadata: object): KserveObject {
  const apiVersion = value.apiVersion.replace('kubeflow.org', 'kserve.io');
  const text = JSON.stringify({ ...value, apiVersion, metadata: { ...value.metadata, ...metadata } });
  return JSON.parse(text.replaceAll(/"(gs|pvc|hf|https):\/\//g, '"s3://'));
}
