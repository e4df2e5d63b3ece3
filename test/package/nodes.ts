import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { run } from '../cluster/exec.ts';
import { cached, defaultCache } from '../images/cache.ts';

/** The oldest Node.js that package.json names, the one that the image has, and the newest that there was. */
export const nodeVersions = ['22.19.0', packageJson.devDependencies.node, '26.10.0'];

/** The folder of a Node.js of some version, from its npm package. */
export async function nodeFolder(version: string): Promise<string> {
  const folder = await cached(defaultCache(), `node${version}-${process.arch}`, async (scratch) => {
    await run(['npm', 'install', '--prefix', scratch, '--no-save', '--loglevel=error', `node@${version}`]);
  });
  return join(folder, 'node_modules/node/bin');
}
