/** How Knative reads a flag: `enabled` alone lets a field through, or `allowed`, too. */
export type FlagReading = 'enabled' | 'not-disabled';

/** A field of a pod that Knative lets through where a flag of its ConfigMap `config-features` is on. */
export interface FlaggedField {
  /** Where it is written, or what makes it. */
  readonly field: string;
  readonly flag: string;
  readonly reading: FlagReading;
  /** Whether the flag is on as Knative ships (serving `pkg/apis/config/features.go`). */
  readonly isShippedOn?: true;
  /** The first minor version of knative.dev/serving that has it, where not all that we support do. */
  readonly since?: number;
  /** What to write instead, where the flag is off. */
  readonly instead?: string;
}

/**
 * The one table of fields and flags. Synthesis, refusals with their patches, doctor, pages and the descriptions of the CRDs
 * are made from it (serving `pkg/apis/serving/fieldmask.go` and `k8s_validation.go`).
 */
export const podFields = {
  nodeSelector: {
    field: 'spec.pod.nodeSelector',
    flag: 'kubernetes.podspec-nodeselector',
    reading: 'not-disabled',
  },
  tolerations: {
    field: 'spec.pod.tolerations',
    flag: 'kubernetes.podspec-tolerations',
    reading: 'not-disabled',
  },
  affinity: { field: 'spec.pod.affinity', flag: 'kubernetes.podspec-affinity', reading: 'not-disabled' },
  topologySpreadConstraints: {
    field: 'spec.pod.topologySpreadConstraints',
    flag: 'kubernetes.podspec-topologyspreadconstraints',
    reading: 'not-disabled',
  },
  runtimeClassName: {
    field: 'spec.pod.runtimeClassName',
    flag: 'kubernetes.podspec-runtimeclassname',
    reading: 'not-disabled',
  },
  priorityClassName: {
    field: 'spec.pod.priorityClassName',
    flag: 'kubernetes.podspec-priorityclassname',
    reading: 'not-disabled',
  },
  schedulerName: {
    field: 'spec.pod.schedulerName',
    flag: 'kubernetes.podspec-schedulername',
    reading: 'not-disabled',
  },
  securityContext: {
    field: 'spec.pod.securityContext',
    flag: 'kubernetes.podspec-securitycontext',
    reading: 'not-disabled',
  },
  emptyDir: {
    field: 'spec.pod.volumes[].emptyDir',
    flag: 'kubernetes.podspec-volumes-emptydir',
    reading: 'enabled',
    isShippedOn: true,
  },
  persistentVolumeClaim: {
    field: 'spec.pod.volumes[].persistentVolumeClaim',
    flag: 'kubernetes.podspec-persistent-volume-claim',
    reading: 'enabled',
  },
  writableClaim: {
    field: 'spec.pod.volumes[].persistentVolumeClaim, without readOnly: true',
    flag: 'kubernetes.podspec-persistent-volume-write',
    reading: 'enabled',
    instead: 'write readOnly: true',
  },
  image: {
    field: 'spec.pod.volumes[].image',
    flag: 'kubernetes.podspec-volumes-image',
    reading: 'enabled',
    since: 46,
  },
  ephemeral: {
    field: 'spec.pod.volumes[].ephemeral',
    flag: 'kubernetes.podspec-volumes-ephemeral',
    reading: 'enabled',
    since: 50,
  },
  fieldRef: {
    field: 'spec.container.env[].valueFrom.fieldRef',
    flag: 'kubernetes.podspec-fieldref',
    reading: 'not-disabled',
  },
  resourceFieldRef: {
    field: 'spec.container.env[].valueFrom.resourceFieldRef',
    flag: 'kubernetes.podspec-fieldref',
    reading: 'not-disabled',
  },
  initContainers: {
    field: 'an init container that fetches the model',
    flag: 'kubernetes.podspec-init-containers',
    reading: 'enabled',
  },
  secondContainer: {
    field: 'a container that fetches the model beside its server',
    flag: 'multi-container',
    reading: 'enabled',
    isShippedOn: true,
  },
} as const satisfies Readonly<Record<string, FlaggedField>>;

export type PodField = keyof typeof podFields;

export const isPodField = (name: string): name is PodField => Object.hasOwn(podFields, name);

/** For the description of a field. */
export const flagNote = (field: PodField): string => `Needs Knative's flag ${podFields[field].flag}.`;
