import type { PartOf } from './part.ts';

/** As which ServiceAccount a pod runs, and with what its images are pulled. */
export const identityPart: PartOf = ({
  model: {
    spec: { serviceAccountName, imagePullSecrets },
  },
}) => ({
  pod: {
    // A model file can be code: it gets no token of the API server unless a ServiceAccount was chosen for it.
    ...(serviceAccountName ? { serviceAccountName } : { automountServiceAccountToken: false }),
    ...(imagePullSecrets?.length && { imagePullSecrets }),
  },
});
