import { fieldManager, labels } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { StoredModel } from '#decision/decide.ts';
import { nameTaken, type Ownership, ownershipOf } from '#decision/ownership.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { controllerOf, keyOf, type NamespacedName } from '#kube/client/objects.ts';
import type { LiveModel, LiveRevision } from '#plan/live-model.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import type { ClusterState } from './state.ts';

/**
 * What runs of a model, as the controller sees it; or, in a cluster that has only what `render` made, as it would.
 * @throws UnsupportedError where the Knative Service of that name is another's
 */
export function liveModelOf({ metadata }: Pick<InferenceModel, 'metadata'>, state: ClusterState): LiveModel {
  const key = keyOf(metadata as NamespacedName);
  const model = state.models.get(key);
  const found = state.services.get(key);
  const holder = found && serviceHolder(found, model);
  if (found && holder === 'taken') throw new UnsupportedError([`metadata.name: ${nameTaken(found)}`]);
  // One that a deleted model has left behind will go.
  const service = holder === 'ours' ? found : undefined;
  return {
    uid: model?.metadata.uid ?? (service && controllerOf(service)?.uid),
    template: service?.spec?.template,
    labels: service?.metadata.labels,
    traffic: service?.spec?.traffic,
    revisions: service ? revisionsOf(service, model, state) : [],
  };
}

/** As the controller says; and where no model is, what was rendered is that model's. */
export const serviceHolder = (service: KnativeServiceObject, model: StoredModel | undefined): Ownership =>
  !model && isRendered(service) ? 'ours' : ownershipOf(service, model);

/** Whether `dormouse render` made the Service, and no controller looks after it. */
const isRendered = (service: KnativeServiceObject): boolean =>
  controllerOf(service) === undefined &&
  service.metadata.labels?.[labels.managedBy] === fieldManager &&
  service.metadata.labels[labels.model] === service.metadata.name;

/** From the Revisions, or where none were saved from what the model says of them. */
function revisionsOf(
  service: KnativeServiceObject,
  model: StoredModel | undefined,
  { revisions }: ClusterState,
): LiveRevision[] {
  const found = revisions.get(keyOf(service.metadata)) ?? [];
  if (found.length > 0)
    return found.map(({ metadata, status, spec }) => ({
      name: metadata.name,
      // Knative leaves a zero out.
      pods: status && (status.actualReplicas ?? 0),
      annotations: metadata.annotations ?? {},
      spec,
    }));
  const reported = (model?.status as { readonly revisions?: readonly ReportedRevision[] } | undefined)
    ?.revisions;
  return (reported ?? []).map(({ name, replicas }) => ({ name, pods: replicas }));
}

interface ReportedRevision {
  readonly name: string;
  readonly replicas?: number;
}
