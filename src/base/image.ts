import packageJson from '../../package.json' with { type: 'json' };
import { version } from './version.ts';

/** Where the operator's image is, without a tag. `dev.local/` is the local cluster's; a release sets its own. */
export const imageRepository = packageJson.config.image;

/** The operator's image. */
export const operatorImage = `${imageRepository}:${version}`;

/** Our own image as another registry has it, which may carry a path: `registry.example/team`. */
export const imageOf = (registry: string | undefined): string =>
  registry === undefined ? operatorImage : `${registry}/${operatorImage.split('/').slice(1).join('/')}`;
