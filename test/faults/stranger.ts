import type { FoundTemplate } from '#knative/objects.ts';

/** The image that the stranger writes by hand into the templates of others. */
export const strangerImage = 'dev.local/stranger:1';

/** Whether somebody else wrote this template, or spec of a revision, by hand. */
export function isByHand(spec: FoundTemplate['spec']): boolean {
  const { containers = [] } = (spec ?? {}) as { containers?: readonly { image?: string }[] };
  return containers.some(({ image }) => image === strangerImage);
}
