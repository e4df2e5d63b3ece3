import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import packageJson from '../../../package.json' with { type: 'json' };

/** Names and texts of ES modules. */
export type Bundle = Readonly<Record<string, string>>;

/**
 * The program as ES modules for the oldest Node.js that package.json names: `dormouse.mjs`, and what it loads only for
 * this or that command, so that a fetch begins sooner and takes less memory. Names stay as they are written, for traces
 * that can be read: nothing gets smaller or faster by minifying worth naming.
 */
export async function bundle(
  entryPoints: Record<string, string> = { dormouse: join(import.meta.dirname, '../../main.ts') },
): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints,
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    // Of ES modules alone esbuild leaves out what no code uses, such as most commands of the S3 client.
    mainFields: ['module', 'main'],
    write: false,
    format: 'esm',
    platform: 'node',
    target: packageJson.engines.node.replace('>=', 'node'),
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
