import { type FlaggedField, flagRefusal } from './flags.ts';
import type { PartOf } from './part.ts';

/** Fields of a pod that go into it as they are written (serving pkg/apis/serving/fieldmask.go, PodSpecMask). */
const passed = {
  nodeSelector: { flag: 'kubernetes.podspec-nodeselector', reading: 'not-disabled' },
  tolerations: { flag: 'kubernetes.podspec-tolerations', reading: 'not-disabled' },
  affinity: { flag: 'kubernetes.podspec-affinity', reading: 'not-disabled' },
  topologySpreadConstraints: {
    flag: 'kubernetes.podspec-topologyspreadconstraints',
    reading: 'not-disabled',
  },
  runtimeClassName: { flag: 'kubernetes.podspec-runtimeclassname', reading: 'not-disabled' },
  priorityClassName: { flag: 'kubernetes.podspec-priorityclassname', reading: 'not-disabled' },
  schedulerName: { flag: 'kubernetes.podspec-schedulername', reading: 'not-disabled' },
  securityContext: { flag: 'kubernetes.podspec-securitycontext', reading: 'not-disabled' },
} as const satisfies Readonly<Record<string, FlaggedField>>;

/** Where a pod runs, and as whom: one part a field. */
export const passedParts: readonly PartOf[] = (Object.keys(passed) as (keyof typeof passed)[]).map(
  (field): PartOf =>
    ({ server: { pod, whose }, environment: { capabilities } }) => {
      const value = pod[field];
      if (value === undefined) return undefined;
      return flagRefusal(whose(`pod.${field}`), passed[field], capabilities) ?? { pod: { [field]: value } };
    },
);
