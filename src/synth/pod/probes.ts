import type { Container } from '#api/v1alpha1/container.ts';

/** The ready path of each inference protocol. */
const readyPaths = { v1: '/', v2: '/v2/health/ready', openai: '/health' } as const;

/** Where a server says whether it is ready; unset where an open port must do. */
export const readyPathOf = ({ readiness, protocol }: Container): string | undefined =>
  readiness?.path ?? (protocol && readyPaths[protocol]);

/** Asked each second, so that a waking model is seen at once; patient, so that a busy one is not taken for dead. */
export function makeReadinessProbe(container: Container) {
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
