import { serviceResource } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from './environment.ts';
import { model } from './models.ts';

const user = { fieldManager: 'user' };

/** A policy of the API server that denies Knative Services in one namespace. */
export async function denying(
  client: RestClient,
  namespace: string,
  message: string,
): Promise<AsyncDisposable> {
  const admission = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false };
  const policies = { ...admission, plural: 'validatingadmissionpolicies' };
  const bindings = { ...admission, plural: 'validatingadmissionpolicybindings' };
  const metadata = { name: `deny-${namespace}` };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = {
    apiGroups: ['serving.knative.dev'],
    apiVersions: ['v1'],
    resources: ['services'],
    operations: ['CREATE'],
  };
  const spec = {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: 'false', message }],
  };
  await client.create(
    policies,
    { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata, spec } as KubernetesObject,
    user,
  );
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  const binding = { policyName: metadata.name, validationActions: ['Deny'], matchResources };
  await client.create(
    bindings,
    { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: binding } as KubernetesObject,
    user,
  );
  // The API server takes a policy up some time after it was written.
  const denied = (error: unknown): boolean => error instanceof Error && error.message.includes(message);
  for (let up = false; !up; )
    up = await client
      .create(serviceResource, synthesize(model({}, { namespace }), environment()), { ...user, dryRun: true })
      .then(() => false, denied);
  return {
    [Symbol.asyncDispose]: async () => {
      await client.delete(bindings, metadata);
      await client.delete(policies, metadata);
    },
  };
}
