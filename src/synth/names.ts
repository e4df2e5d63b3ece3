import { contentHash } from '#base/hash.ts';

/** The name of the revision that runs this content: the same content always has the same name. */
export const revisionName = (model: string, content: unknown) => `${model}-${contentHash(content)}`;

/** Whether a revision was named by {@link revisionName}, and not by somebody's hand. */
export const isRevisionName = (model: string, name: string) =>
  name.startsWith(`${model}-`) && /^[a-z2-7]{10}$/.test(name.slice(model.length + 1));
