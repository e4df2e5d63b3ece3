import type { PodSettings } from '#api/v1alpha1/pod.ts';
import type { PodField } from '#api/v1alpha1/pod-fields.ts';
import type { PartOf } from './part.ts';

/** Fields that a pod has as they are written. */
const passedFields = [
  'nodeSelector',
  'tolerations',
  'affinity',
  'topologySpreadConstraints',
  'runtimeClassName',
  'priorityClassName',
  'schedulerName',
  'securityContext',
] as const satisfies readonly (keyof PodSettings & PodField)[];

/** Where a pod runs, and as whom. */
export const schedulingPart: PartOf = ({ server: { pod } }) => ({
  pod: Object.fromEntries(
    passedFields.flatMap((field) => (pod[field] === undefined ? [] : [[field, pod[field]]])),
  ),
});
