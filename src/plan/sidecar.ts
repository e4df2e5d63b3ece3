import { measureOf, nativeResources } from '#api/v1alpha1/resources.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import { type Amounts, amounts } from './amounts.ts';

/** What Knative's queue-proxy requests in each pod; as shipped, 25m of CPU. */
export function sidecarRequests({ deployment }: Capabilities): Amounts {
  const requests = nativeResources.flatMap((name) => {
    const parsed = measureOf(name).schema.safeParse(deployment[`queue-sidecar-${name}-request`]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return amounts({ cpu: '25m', ...Object.fromEntries(requests) });
}
