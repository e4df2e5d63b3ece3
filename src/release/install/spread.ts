/** The name that every object of the operator carries. */
export const labels = { 'app.kubernetes.io/name': 'dormouse' };

/** Pods of one version go to nodes of their own where there are enough, and else share one. */
export const spread = {
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: labels },
  // Else the pods of the version before would count, which are about to go.
  matchLabelKeys: ['pod-template-hash'],
} as const;
