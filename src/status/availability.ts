import type { InferenceModelStatus, RevisionStatus } from '#api/v1alpha1/status.ts';
import { conditionOf, type KnativeServiceObject } from '#knative/objects.ts';
import type { Finding } from './conditions.ts';

/**
 * Available: whether the traffic that the Route really has goes to revisions that are ready. The Service's own Ready
 * speaks of its newest revision alone.
 */
export function availability(
  service: KnativeServiceObject | undefined,
  revisions: readonly RevisionStatus[],
  before: InferenceModelStatus | undefined,
): Finding {
  const type = 'Available';
  const serving = revisions.filter(({ percent }) => percent > 0);
  const down = serving.find(({ ready }) => !ready);
  if (down) {
    const message = `revision ${down.name} is given requests and is not ready`;
    return { type, status: 'False', reason: 'RevisionNotReady', message };
  }
  if (serving.length === 0 || !inForce(service, before))
    return { type, status: 'False', reason: 'NothingServes', message: 'no revision serves yet' };
  const names = serving.map(({ name, percent }) => `${percent} % to ${name}`).join(', ');
  return { type, status: 'True', reason: 'Serving', message: `requests go ${names}` };
}

/**
 * Whether requests go where the status of the Route says. A Route that waits for a revision (RevisionMissing) leaves
 * them where they went, and so does one whose ingress is being changed.
 */
function inForce(
  service: KnativeServiceObject | undefined,
  before: InferenceModelStatus | undefined,
): boolean {
  const routed = conditionOf(service, 'RoutesReady');
  const wasAvailable = before?.conditions?.some(
    ({ type, status }) => type === 'Available' && status === 'True',
  );
  return routed?.status === 'True' || routed?.reason === 'RevisionMissing' || wasAvailable === true;
}
