import { canonical } from '#api/schema/quantity.ts';
import type { Variable } from '#api/v1alpha1/container.ts';
import { makeResources, makeSecurityContext } from './container.ts';
import type { PartOf } from './part.ts';
import { makeOtherProbes, makeReadinessProbe } from './probes.ts';

/** The name of the server's container. */
export const serverName = 'server';

/** The container of the server. */
export const serverPart: PartOf = ({
  server: { container, resources, pod },
  environment: { capabilities },
}) => {
  const { image, command, args, envFrom, workingDir, port = 8080, transport = 'http1' } = container;
  const env: readonly Variable[] = container.env ?? [];
  return {
    server: {
      name: serverName,
      image,
      ...(command?.length && { command }),
      ...(args?.length && { args }),
      ...(env.length && { env: env.map(makeVariable) }),
      ...(envFrom?.length && { envFrom }),
      ...(workingDir && { workingDir }),
      ports: [{ containerPort: port, name: transport, protocol: 'TCP' }],
      readinessProbe: makeReadinessProbe(container),
      ...makeOtherProbes(container),
      resources: makeResources(resources, capabilities),
      securityContext: makeSecurityContext(pod.securityContext, container.securityContext),
    },
  };
};

/** Kubernetes keeps no empty value, and fills in the divisor of an amount: the live template must be what was written. */
function makeVariable({ value, valueFrom, ...variable }: Variable) {
  const { resourceFieldRef } = valueFrom ?? {};
  const divided = resourceFieldRef && {
    resourceFieldRef: { ...resourceFieldRef, divisor: canonical(resourceFieldRef.divisor ?? 0) },
  };
  return {
    ...variable,
    ...(value && { value }),
    ...(valueFrom && { valueFrom: { ...valueFrom, ...divided } }),
  };
}
