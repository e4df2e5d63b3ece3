import type { Container } from '#api/v1alpha1/container.ts';
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
  const { image, command, args, env, envFrom, workingDir, port = 8080, transport = 'http1' } = container;
  return {
    server: {
      name: serverName,
      image,
      ...(command?.length && { command }),
      ...(args?.length && { args }),
      ...(env?.length && { env: env.map(withoutEmptyValue) }),
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

/** Kubernetes keeps no empty value, so the live template would not be what was written. */
function withoutEmptyValue({ value, ...variable }: NonNullable<Container['env']>[number]) {
  return { ...variable, ...(value && { value }) };
}
