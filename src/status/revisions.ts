import { annotations } from '#api/group.ts';
import type { RevisionStatus } from '#api/v1alpha1/status.ts';
import { conditionOf, type KnativeServiceObject, type RevisionObject } from '#knative/objects.ts';

/** The revisions that are given requests, and the one that is wanted. */
export function revisionsOf(
  service: KnativeServiceObject | undefined,
  revisions: readonly RevisionObject[],
  wanted: string | undefined,
): RevisionStatus[] {
  const shares = new Map<string, number>(wanted ? [[wanted, 0]] : []);
  for (const { revisionName, percent } of service?.status?.traffic ?? [])
    if (revisionName) shares.set(revisionName, (shares.get(revisionName) ?? 0) + (percent ?? 0));
  return [...shares].map(([name, percent]) => {
    const revision = revisions.find(({ metadata }) => metadata.name === name);
    const image = revision?.status?.containerStatuses?.find(
      (container) => container.imageDigest,
    )?.imageDigest;
    return {
      name,
      percent,
      ready: conditionOf(revision, 'Ready')?.status === 'True',
      replicas: revision?.status?.actualReplicas ?? 0,
      ...(image && { image }),
      ...chosen(revision),
    };
  });
}

/** What was chosen for a revision when it was made: its own annotations say it. */
function chosen(revision: RevisionObject | undefined) {
  const of = revision?.metadata.annotations ?? {};
  const {
    [annotations.runtime]: runtime,
    [annotations.profile]: profile,
    [annotations.delivery]: delivery,
  } = of;
  return { ...(runtime && { runtime }), ...(profile && { profile }), ...(delivery && { delivery }) };
}
