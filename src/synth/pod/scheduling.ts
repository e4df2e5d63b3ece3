import { podFields } from '#api/v1alpha1/pod-fields.ts';
import { flagRefusal } from './flags.ts';
import type { PartOf } from './part.ts';

/** Where a pod runs, and as whom: one part a field. */
export const passedParts: readonly PartOf[] = (Object.keys(podFields) as (keyof typeof podFields)[]).map(
  (field): PartOf =>
    ({ server: { pod, whose }, environment: { capabilities } }) => {
      const value = pod[field];
      if (value === undefined) return undefined;
      return (
        flagRefusal(whose(`pod.${field}`), podFields[field], capabilities) ?? { pod: { [field]: value } }
      );
    },
);
