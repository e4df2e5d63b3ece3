import { basename, join } from 'node:path';
import { type ImageFile, sharedLibraries } from './libraries.ts';
import { shell } from './shell.ts';

const repository = join(import.meta.dirname, '../../..');

/** The Node.js that the repository pins, of this machine's architecture. */
export const node = join(repository, 'node_modules/node/bin/node');

/** The built-in runtimes, which are beside the program wherever it is. */
export const runtimes = join(repository, 'src/catalogue/runtimes');

/**
 * The files of the operator's image: the bundled program, and Node.js with its shared libraries.
 * @param modules paths of the modules of the program
 */
export async function operatorFiles(modules: readonly string[]): Promise<ImageFile[]> {
  return [
    ...modules.map((source) => ({ source, target: `/app/${basename(source)}` })),
    { source: node, target: '/usr/bin/node' },
    { source: runtimes, target: '/app/runtimes' },
    ...(await sharedLibraries(node)),
    ...(await shell()),
  ];
}

/** How the image is run. It writes to no file. */
export const operatorConfig = {
  entrypoint: ['/usr/bin/node', '/app/dormouse.mjs'],
  env: { NODE_ENV: 'production' },
} as const;
