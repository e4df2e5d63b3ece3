/** The folder in the claim of a cache that is ours; each folder in it holds one model. */
export const cacheRoot = 'dormouse';
