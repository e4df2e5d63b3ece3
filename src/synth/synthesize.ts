import { annotations, apiVersion, inferenceModels } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { visibilityLabel } from '#knative/names.ts';
import type { FoundTemplate } from '#knative/objects.ts';
import { checkExposure, checkScale, checkTemplate } from './checks.ts';
import { checkImages, type Environment } from './environment.ts';
import { intentOf } from './intent.ts';
import { type KnativeServiceManifest, manifestOf, type OwnerReference, pinned } from './knative-service.ts';
import { isRevisionName, makeTemplate, type Template } from './template.ts';
import { UnsupportedError } from './unsupported.ts';

/** What runs now, as far as synthesis must know it. */
export interface Live {
  /** Of the live Knative Service. */
  readonly template?: FoundTemplate | undefined;
  /** Of the Revision of that template, where they are known: its bounds may have changed since it was made. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * The Knative Service of a model. While the live template carries the model's present intent it stays as it is, word
 * for word, whatever this version or this cluster would make of the model: nothing but the user restarts a model.
 *
 * One without an owner, for people or GitOps tools to apply, has an annotation of ours. Without any, a server-side apply
 * that comes after a client-side one takes all annotations away, those of Knative's webhook among them, and from then on
 * the webhook refuses it.
 *
 * @throws UnsupportedError where the cluster cannot run the model
 */
export function synthesize(
  model: InferenceModel,
  environment: Environment,
  live: Live = {},
): KnativeServiceManifest {
  const template = carriesIntent(model, live.template)
    ? heldTemplate(model, environment, live.template, live.annotations)
    : freshTemplate(model, environment);
  const { name, namespace, uid } = model.metadata;
  return manifestOf({
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      // Those of its pods are those by which costs and policies know a model.
      labels: { ...template.metadata.labels, ...visibility(model) },
      ...(uid === undefined
        ? { annotations: { [annotations.rendered]: 'true' } }
        : { ownerReferences: [owner(name, uid)] }),
    },
    spec: { template, traffic: pinned(template.metadata.name) },
  });
}

function freshTemplate(model: InferenceModel, environment: Environment): Template {
  const problems = [
    ...checkImages(model.spec, environment.allowance),
    ...checkTemplate(model, environment.capabilities),
    ...checkScale(model, environment.capabilities),
    ...checkExposure(model, environment.allowance),
  ];
  if (problems.length > 0) throw new UnsupportedError(problems);
  return makeTemplate(model, environment);
}

/** A template that stays. Its bounds of scale still change, by annotations of its Revision. */
function heldTemplate(
  model: InferenceModel,
  { capabilities, allowance }: Environment,
  template: Template,
  annotations = template.metadata.annotations,
): Template {
  const problems = [...checkScale(model, capabilities, annotations), ...checkExposure(model, allowance)];
  if (problems.length > 0) throw new UnsupportedError(problems);
  return template;
}

/** Whether a template carries the model's present intent, so that it stays. */
export function carriesIntent(
  model: InferenceModel,
  template: FoundTemplate | undefined,
): template is Template {
  const { name = '', annotations: found } = template?.metadata ?? {};
  return found?.[annotations.intent] === intentOf(model) && isRevisionName(model.metadata.name, name);
}

/** A model without a word on access is not reached from outside the cluster. */
function visibility({ spec }: InferenceModel): Record<string, string> {
  return spec.access?.visibility === 'Public' ? {} : { [visibilityLabel]: 'cluster-local' };
}

const owner = (name: string, uid: string): OwnerReference => ({
  apiVersion,
  kind: inferenceModels.kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
