/** How Knative reads a flag: `enabled` alone lets a field through, or `allowed`, too. */
export type FlagReading = 'enabled' | 'not-disabled';

/** A field of a pod that Knative lets through where a flag of its ConfigMap `config-features` is on. */
export interface FlaggedField {
  readonly flag: string;
  readonly reading: FlagReading;
  /** The first minor version of knative.dev/serving that has it, where not all that we support do. */
  readonly since?: number;
}

/**
 * The one table of fields and flags. Synthesis, refusals with their patches, doctor, pages and the descriptions of the CRDs
 * are made from it (serving `pkg/apis/serving/fieldmask.go` and `k8s_validation.go`).
 */
export const podFields = {
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

/** For the description of a field. */
export const flagNote = (field: keyof typeof podFields): string =>
  `Knative wants its flag ${podFields[field].flag}.`;
