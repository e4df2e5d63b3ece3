/** The operator's image. `dev.local/` is the local cluster's; a release writes its own. */
export const operatorImage = 'dev.local/dormouse:0.1.0';
