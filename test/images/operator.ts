import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
 * The operator's image: the bundled program, and the Node.js that the repository pins with its shared libraries. It runs
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
  const program = await bundle();
  const runtimes = JSON.stringify(catalogueManifests());
  const key = `operator-${await contentKey([pinned, new URL('shell.ts', import.meta.url), new URL('operator.ts', import.meta.url)], [name, JSON.stringify(program), runtimes, process.arch, writerVersion])}`;
  const folder = await cached(options.cache ?? defaultCache(), key, async (scratch) => {
    options.log(`building the image ${name}`);
    const files = await writeBundle(join(scratch, 'program'), program);
    await writeImage(join(scratch, 'image.tar'), {
      name,
      files: [
        ...files.map((source) => ({ source, target: `/app/${basename(source)}` })),
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

/** Names and texts of ES modules. */
export type Bundle = Readonly<Record<string, string>>;

/**
 * The program as ES modules for the pinned Node.js: `dormouse.mjs`, and what it loads only for this or that command, so
 * that a fetch begins sooner and takes less memory. Names stay as they are written, for traces that can be read: nothing
 * gets smaller or faster by minifying worth naming.
 */
export async function bundle(
  entryPoints: Record<string, string> = { dormouse: path('src/main.ts') },
): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints,
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    // Of ES modules alone esbuild leaves out what nobody uses, such as most commands of the S3 client.
    mainFields: ['module', 'main'],
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
  return Object.fromEntries(outputFiles.map(({ path: file, text }) => [basename(file), text]));
}

/** Writes the modules into a new folder and gives their paths. */
export async function writeBundle(folder: string, modules: Bundle): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const write = async ([name, text]: [string, string]): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return Promise.all(Object.entries(modules).map(write));
}

function path(name: string): string {
  return fileURLToPath(new URL(name, repository));
}
