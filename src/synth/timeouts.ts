import { milliValue } from '#api/schema/quantity.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Capabilities } from '#knative/capabilities.ts';
import type { Server } from './server.ts';

/** What Knative gives every start as it is shipped. */
const startSeconds = 600;
const fetchBytesPerSecond = 20_000_000;

/**
 * Seconds within which a new revision must be ready: what the user wrote; or time to fetch what was declared, on top of
 * that of a start; or the cluster's own, where that is longer. A runtime may need more than is usual.
 */
export function progressDeadline(
  { spec: { timeouts } }: InferenceModel,
  { source, runtime }: Server,
  { deployment }: Capabilities,
): number {
  if (timeouts?.progress) return timeouts.progress;
  const bytes = source?.maxSize === undefined ? 0 : Number(milliValue(source.maxSize) / 1000n);
  const fetch = Math.ceil(bytes / fetchBytesPerSecond);
  const { startup = 0 } = runtime?.spec ?? {};
  const isDeclared = fetch > 0 || startup > startSeconds;
  const needed = isDeclared ? fetch + Math.max(startSeconds, startup) : 0;
  return Math.max(needed, deployment['progress-deadline']);
}

/** The annotation of the deadline; none where it is that of the cluster. */
export function deadlineAnnotation(
  model: InferenceModel,
  server: Server,
  capabilities: Capabilities,
): Record<string, string> {
  const seconds = progressDeadline(model, server, capabilities);
  const isClusters =
    !model.spec.timeouts?.progress && seconds === capabilities.deployment['progress-deadline'];
  return isClusters ? {} : { 'serving.knative.dev/progress-deadline': `${seconds}s` };
}

/** As `RevisionSpec.SetDefaults` of Knative: a default counts only where it is below the timeout of the request. */
export function makeTimeouts({ spec: { timeouts = {} } }: InferenceModel, { defaults }: Capabilities) {
  const request = timeouts.request ?? defaults['revision-timeout-seconds'];
  const below = (seconds: number) => (seconds !== 0 && seconds < request ? seconds : undefined);
  const responseStart =
    timeouts.responseStart ??
    below(defaults['revision-response-start-timeout-seconds'] ?? defaults['revision-timeout-seconds']);
  const idle = timeouts.idle ?? below(defaults['revision-idle-timeout-seconds']);
  return {
    timeoutSeconds: request,
    ...(responseStart !== undefined && { responseStartTimeoutSeconds: responseStart }),
    ...(idle !== undefined && { idleTimeoutSeconds: idle }),
  };
}
