import { thousandths } from '#api/schema/quantity.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { Capabilities } from '#knative/capabilities.ts';

/** Seconds that a server has to start, beside the fetch of its model: what Knative gives every start as it is shipped. */
const startSeconds = 600;
const fetchBytesPerSecond = 20_000_000;

/**
 * Seconds within which a new revision must be ready: what the user wrote; or time to fetch what was declared, on top of
 * that of a start; or the cluster's own, where that is longer.
 */
export function progressDeadline(
  { timeouts, model }: InferenceModel['spec'],
  { deployment }: Capabilities,
): number {
  if (timeouts?.progress) return timeouts.progress;
  const bytes = model?.maxSize === undefined ? 0 : Number(thousandths(model.maxSize) / 1000n);
  const fetch = Math.ceil(bytes / fetchBytesPerSecond);
  return Math.max(fetch > 0 ? startSeconds + fetch : 0, deployment['progress-deadline']);
}

/** The annotation of the deadline; none where it is that of the cluster. */
export function deadlineAnnotation(
  spec: InferenceModel['spec'],
  capabilities: Capabilities,
): Record<string, string> {
  const wanted = progressDeadline(spec, capabilities);
  const isClusters = !spec.timeouts?.progress && wanted === capabilities.deployment['progress-deadline'];
  return isClusters ? {} : { 'serving.knative.dev/progress-deadline': `${wanted}s` };
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
