/** The operator's image. `dev.local/` is the local cluster's; a release writes its own. */
export const operatorImage = 'dev.local/dormouse:0.1.0';

/** Our own image as another registry has it, which may carry a path: `registry.example/team`. */
export const imageOf = (registry: string | undefined): string =>
  registry === undefined ? operatorImage : `${registry}/${operatorImage.split('/').slice(1).join('/')}`;
