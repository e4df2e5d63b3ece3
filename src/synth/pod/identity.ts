import { checkServiceAccount } from '../environment.ts';
import type { PartOf } from './part.ts';

/** As which ServiceAccount a pod runs, and with what its images are pulled. */
export const identityPart: PartOf = ({ server: { pod, whose }, environment: { allowance } }) => {
  const { serviceAccountName, imagePullSecrets, automountServiceAccountToken } = pod;
  const account = serviceAccountName ?? 'default';
  const problem = checkServiceAccount(whose('pod.serviceAccountName'), account, allowance);
  if (problem) return { problem };
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
