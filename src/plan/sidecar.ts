import { measureOf, nativeResources } from '#api/v1alpha1/resources.ts';
import { type Amounts, amounts } from './amounts.ts';

/** What Knative's queue-proxy requests in each pod (ConfigMap `config-deployment`); as shipped, 25m of CPU. */
export function sidecarRequests(data: Readonly<Record<string, string>> = {}): Amounts {
  const written = nativeResources.flatMap((name) => {
    const parsed = measureOf(name).schema.safeParse(data[`queue-sidecar-${name}-request`]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return amounts({ cpu: '25m', ...Object.fromEntries(written) });
}
