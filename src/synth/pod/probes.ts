import type { Container } from '#api/v1alpha1/container.ts';
import type { Probe } from '#api/v1alpha1/probe.ts';
import type { PartOf } from './part.ts';

/** The ready path of a server that speaks an inference protocol, whatever models it serves. */
const readyPaths = { v1: '/', v2: '/v2/health/ready', openai: '/health' } as const;

/**
 * The ready path of the model in a runtime. A server without any model says that all of them are ready: MLServer 1.7.1
 * does so for 100 ms after it failed to load its only one (`ready()` in its mlserver/handlers/dataplane.py).
 */
export const modelReadyPaths = {
  v1: '/v1/models/$(MODEL_NAME)',
  v2: '/v2/models/$(MODEL_NAME)/ready',
  openai: '/health',
} as const;

/** Asked each second, so that a waking model is seen at once; patient, so that a busy one is not taken for dead. */
const readinessTimes = { period: 1, timeout: 5, failureThreshold: 12 };
/** As Kubernetes has them where nothing is written. */
const defaultTimes = { period: 10, timeout: 1, failureThreshold: 3 };

/** The probe of readiness: what the user wrote, the ready path of the protocol, or an open port. */
export function makeReadinessProbe({ readiness, protocol }: Container) {
  const given = protocol ? { http: { path: readyPaths[protocol] } } : { tcp: {} };
  // Knative puts the container's own port in the place of 0.
  return makeProbe({ ...readinessTimes, ...(readiness ?? given) }, 0);
}

/**
 * A probe with every field that Knative or Kubernetes would fill in (serving pkg/apis/serving/v1/revision_defaults.go,
 * applyReadinessProbeDefaults).
 * @param port where to ask if the probe does not say it
 */
export function makeProbe({ http, tcp, grpc, exec, initialDelay, ...times }: Probe, port: number) {
  return {
    ...(http && { httpGet: { path: http.path, port: http.port ?? port } }),
    ...(tcp && { tcpSocket: { port: tcp.port ?? port } }),
    ...(grpc && { grpc: { port: grpc.port ?? port, service: grpc.service ?? '' } }),
    ...(exec && { exec: { command: exec.command } }),
    ...(initialDelay && { initialDelaySeconds: initialDelay }),
    periodSeconds: times.period ?? defaultTimes.period,
    timeoutSeconds: times.timeout ?? defaultTimes.timeout,
    successThreshold: times.successThreshold ?? 1,
    failureThreshold: times.failureThreshold ?? defaultTimes.failureThreshold,
  };
}

/** The probes of startup and liveness. Knative fills in their port for liveness alone: it is always written. */
export function makeOtherProbes({ startup, liveness, port = 8080 }: Container) {
  return {
    ...(startup && { startupProbe: makeProbe(startup, port) }),
    ...(liveness && { livenessProbe: makeProbe(liveness, port) }),
  };
}

/**
 * Probes of a server that waits for its model: it cannot answer before that is there. Until the server has started once,
 * nothing is asked of its liveness.
 * @param seconds within which the model is there and the server has started
 */
export function makeWaitingProbes({ startup, liveness, port = 8080 }: Container, seconds: number) {
  const asked = startup ?? liveness;
  if (!asked) return {};
  const { initialDelay: _, ...probe } = asked;
  const count = Math.ceil(seconds / (probe.period ?? defaultTimes.period));
  const failureThreshold = Math.max(probe.failureThreshold ?? 0, count);
  return { startupProbe: makeProbe({ ...probe, successThreshold: 1, failureThreshold }, port) };
}

/**
 * Knative asks the liveness of a server on its own port, whatever is written (serving
 * pkg/reconciler/revision/resources/deploy.go, rewriteUserLivenessProbe).
 */
export const livenessPart: PartOf = ({ server: { container, whose } }) => {
  const { liveness, port = 8080 } = container;
  const asked = liveness?.http?.port ?? liveness?.tcp?.port;
  if (asked === undefined || asked === port) return undefined;
  return {
    problem: `${whose('container.liveness')}: Knative asks for liveness on the port of the server, ${port}, alone: leave port out, or use exec`,
  };
};
