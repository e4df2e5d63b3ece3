import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { catalogueManifests } from '../../src/catalogue.ts';
import { cached, contentKey, defaultCache } from './cache.ts';
import { sharedLibraries } from './libraries.ts';
import { writeImage, writerVersion } from './oci.ts';
import { shell } from './shell.ts';

const repository = new URL('../../', import.meta.url);

export type OperatorImage = { readonly archive: string; readonly name: string };

/**
 * The operator's image: one bundled file, and the Node.js that the repository pins with its shared libraries. It runs
 * as a user without rights and writes to no file. Built when the bundle has changed, otherwise taken from `cache`.
 */
export async function operatorImage(options: {
  readonly cache?: string;
  readonly log: (line: string) => void;
}): Promise<OperatorImage> {
  const { version } = JSON.parse(await readFile(new URL('package.json', repository), 'utf8')) as {
    version: string;
  };
  const name = `dev.local/dormouse:${version}`;
  const node = path('node_modules/node/bin/node');
  const pinned = new URL('node_modules/node/package.json', repository);
  const code = await bundle(path('src/main.ts'));
  const runtimes = JSON.stringify(catalogueManifests());
  const key = `operator-${await contentKey([pinned, new URL('shell.ts', import.meta.url), new URL('operator.ts', import.meta.url)], [name, code, runtimes, process.arch, writerVersion])}`;
  const folder = await cached(options.cache ?? defaultCache(), key, async (scratch) => {
    options.log(`building the image ${name}`);
    const program = join(scratch, 'dormouse.mjs');
    await writeFile(program, code);
    await writeImage(join(scratch, 'image.tar'), {
      name,
      files: [
        { source: program, target: '/app/dormouse.mjs' },
        { source: node, target: '/usr/bin/node' },
        { source: path('src/runtimes'), target: '/app/runtimes' },
        ...(await sharedLibraries(node)),
        ...(await shell()),
      ],
      entrypoint: ['/usr/bin/node', '/app/dormouse.mjs'],
      env: { NODE_ENV: 'production' },
    });
  });
  return { archive: join(folder, 'image.tar'), name };
}

/**
 * Gives `entry` and all that it imports as the text of one ES module for the pinned Node.js. Names stay as they are
 * written, for traces that can be read: the image hardly gets smaller by minifying.
 */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    keepNames: true,
    logLevel: 'error',
    // CommonJS packages among the dependencies call require, which an ES module does not have.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made nothing of ${entry}.`);
  return file.text;
}

function path(name: string): string {
  return fileURLToPath(new URL(name, repository));
}
