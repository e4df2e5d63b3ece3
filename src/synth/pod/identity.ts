import type { PartOf } from './part.ts';

/** As which ServiceAccount a pod runs, and with what its images are pulled. */
export const identityPart: PartOf = ({ server: { pod } }) => {
  const { serviceAccountName, imagePullSecrets, automountServiceAccountToken } = pod;
  // A model file can be code: it gets no token of the API server unless a ServiceAccount was chosen for it.
  const hasToken = automountServiceAccountToken ?? serviceAccountName !== undefined;
  return {
    pod: {
      ...(serviceAccountName && { serviceAccountName }),
      // Knative takes no other value (serving pkg/apis/serving/fieldmask.go, PodSpecMask).
      ...(!hasToken && { automountServiceAccountToken: false }),
      ...(imagePullSecrets?.length && { imagePullSecrets }),
    },
  };
};
