import { inferenceModels } from '#api/group.ts';
import { type InferenceModel, parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { type InferenceRuntime, parseInferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { ProblemsError } from '#base/problems.ts';
import { capabilitiesOf } from '#knative/capabilities.ts';
import { makeTemplate } from '#synth/template.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { NotConvertibleError } from './not-convertible.ts';
import type { Remark } from './reasons.ts';

/** An object that came out, checked. */
export type ConvertedObject =
  | { readonly type: 'model'; readonly object: object; readonly model: InferenceModel }
  | { readonly type: 'runtime'; readonly object: object; readonly runtime: InferenceRuntime };

/**
 * Checks what came out as the API server would, and that no two objects have one name.
 * @throws NotConvertibleError for what it would refuse
 */
export function check(objects: readonly object[], taken: Set<string>): ConvertedObject[] {
  const checked = objects.map(parsed);
  const names = checked.map(nameOf);
  const again = names.find((name) => taken.has(name));
  if (again !== undefined) throw new NotConvertibleError('metadata.name', 'taken', again);
  for (const name of names) taken.add(name);
  return checked;
}

function parsed(object: object): ConvertedObject {
  try {
    return 'kind' in object && object.kind === inferenceModels.kind
      ? { type: 'model', object, model: parseInferenceModel(object) }
      : { type: 'runtime', object, runtime: parseInferenceRuntime(object) };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new NotConvertibleError('', 'invalid', error.problems.join('; '));
  }
}

const nameOf = (converted: ConvertedObject): string => {
  if (converted.type === 'runtime') return `InferenceRuntime ${converted.runtime.name}`;
  const { name, namespace } = converted.model.metadata;
  return `InferenceModel ${namespace === undefined ? '' : `${namespace}/`}${name}`;
};

/** A cluster that allows what can be allowed. */
const capabilities = capabilitiesOf({
  'config-features': { 'kubernetes.podspec-init-containers': 'enabled' },
});

/** What an operator of this version would say against a model; the API server lets it pass. */
export function notAccepted(converted: ConvertedObject, runtimes: readonly InferenceRuntime[]): Remark[] {
  if (converted.type === 'runtime') return [];
  try {
    makeTemplate(converted.model, { capabilities, runtimes, fetcherImage: 'none', allowance: {} });
    return [];
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return error.problems.map((detail) => ({ path: '', reason: 'not-accepted', detail }));
  }
}
