import { conditionOf, type KnativeServiceObject } from '#knative/objects.ts';
import type { Finding } from './conditions.ts';
import type { Facts } from './facts.ts';
import { revisionsOf } from './revisions.ts';

/**
 * Available: whether the traffic that the Route really has goes to revisions that are ready. The Service's own Ready
 * speaks of its newest revision alone.
 */
export function availability({ service, revisions, before }: Facts): Finding {
  const serving = revisionsOf(service, revisions, undefined).filter(({ percent }) => percent > 0);
  const down = serving.find(({ ready }) => !ready);
  if (down) {
    const message = `revision ${down.name} is given requests and is not ready`;
    return { status: 'False', reason: 'RevisionNotReady', message };
  }
  const route = routeState(service, before);
  if (route !== 'InForce' && serving.length > 0 && route.message)
    return { status: 'False', reason: route.reason, message: route.message };
  if (serving.length === 0 || route !== 'InForce')
    return { status: 'False', reason: 'NothingServes', message: 'no revision serves yet' };
  const names = serving.map(({ name, percent }) => `${percent} % to ${name}`).join(', ');
  return { status: 'True', reason: 'Serving', message: `requests go ${names}` };
}

/**
 * Whether the traffic in the status of the Route is in force. A Route that waits for a revision (RevisionMissing) leaves them
 * where they went, and so does one whose ingress is being changed (Unknown). Any other answer counts.
 */
function routeState(
  service: KnativeServiceObject | undefined,
  before: Facts['before'],
): 'InForce' | { readonly reason: string; readonly message?: string | undefined } {
  const routed = conditionOf(service, 'RoutesReady');
  if (routed?.status === 'True' || routed?.reason === 'RevisionMissing') return 'InForce';
  if (routed?.status === 'False')
    return { reason: routed.reason ?? 'RouteNotReady', message: routed.message };
  const wasAvailable = before?.conditions?.some(
    ({ type, status }) => type === 'Available' && status === 'True',
  );
  return wasAvailable ? 'InForce' : { reason: 'NothingServes' };
}
