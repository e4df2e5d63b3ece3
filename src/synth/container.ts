import { canonical, thousandths } from '#api/schema/quantity.ts';
import type { Container } from '#api/v1alpha1/container.ts';
import { nativeResources, type Resources } from '#api/v1alpha1/resources.ts';
import type { Capabilities } from '#knative/capabilities.ts';

/** The ready path of each inference protocol. */
const readyPaths = { v1: '/', v2: '/v2/health/ready', openai: '/health' } as const;

/** The model server as Knative keeps it: every field is written that Knative would fill in. */
export function makeContainer(
  container: Container,
  resources: Resources | undefined,
  capabilities: Capabilities,
) {
  const { image, command, args, env, envFrom, port = 8080, transport = 'http1' } = container;
  return {
    name: 'server',
    image,
    ...(command?.length && { command }),
    ...(args?.length && { args }),
    ...(env?.length && { env: env.map(withoutEmptyValue) }),
    ...(envFrom?.length && { envFrom }),
    ports: [{ containerPort: port, name: transport, protocol: 'TCP' }],
    readinessProbe: makeProbe(container),
    resources: makeResources(resources, capabilities),
    // What the user wrote takes back what they must have.
    securityContext: { ...restricted, ...container.securityContext },
  };
}

/** Kubernetes keeps no empty value, so the live template would not be what was written. */
function withoutEmptyValue({ value, ...variable }: NonNullable<Container['env']>[number]) {
  return { ...variable, ...(value && { value }) };
}

/** Where a server says whether it is ready; unset where an open port must do. */
export const readyPathOf = ({ readiness, protocol }: Container): string | undefined =>
  readiness?.path ?? (protocol && readyPaths[protocol]);

/** Asked each second, so that a waking model is seen at once; patient, so that a busy one is not taken for dead. */
function makeProbe(container: Container) {
  const path = readyPathOf(container);
  return {
    // Port 0 is the container's own, whatever it is.
    ...(path ? { httpGet: { path, port: container.readiness?.port ?? 0 } } : { tcpSocket: { port: 0 } }),
    periodSeconds: 1,
    timeoutSeconds: 5,
    successThreshold: 1,
    failureThreshold: 12,
  };
}

/** The `restricted` Pod Security level. */
export const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** What a container asks for, with what this Knative would fill in. */
export function makeResources(resources: Resources | undefined, { defaults }: Capabilities) {
  const requests = { ...resources?.requests };
  const limits = { ...resources?.limits };
  for (const name of nativeResources) {
    const limit = limits[name] ?? defaults[`revision-${name}-limit`];
    const request = requests[name] ?? defaults[`revision-${name}-request`];
    if (limit !== undefined) limits[name] = limit;
    // A default of the cluster gives way to what the user wrote.
    if (request !== undefined)
      requests[name] = limit !== undefined && thousandths(request) > thousandths(limit) ? limit : request;
  }
  return { ...amounts('requests', requests), ...amounts('limits', limits) };
}

function amounts(name: string, quantities: Resources['requests'] = {}) {
  const entries = Object.entries(quantities).map(([key, value]) => [key, canonical(value)]);
  return entries.length > 0 ? { [name]: Object.fromEntries(entries) } : {};
}
