import { join } from 'node:path';
import { operatorImage as name } from '#base/image.ts';
import { catalogueManifests } from '#catalogue/catalogue.ts';
import { bundle, writeBundle } from '#release/package/bundle.ts';
import { operatorConfig, operatorFiles } from '#release/package/operator.ts';
import { cached, contentKey, defaultCache } from './cache.ts';
import { writeImage, writerVersion } from './oci.ts';

export type OperatorImage = { readonly archive: string; readonly name: string };

const repository = new URL('../../', import.meta.url);
const sources = [
  'node_modules/node/package.json',
  'src/release/package/shell.ts',
  'src/release/package/operator.ts',
];

/** The operator's image. Built when the bundle has changed, otherwise taken from `cache`. */
export async function operatorImage(options: {
  readonly cache?: string;
  readonly log: (line: string) => void;
}): Promise<OperatorImage> {
  const program = await bundle();
  const key = `operator-${await contentKey(
    sources.map((path) => new URL(path, repository)),
    [name, JSON.stringify(program), JSON.stringify(catalogueManifests()), process.arch, writerVersion],
  )}`;
  const folder = await cached(options.cache ?? defaultCache(), key, async (scratch) => {
    options.log(`building the image ${name}`);
    const modules = await writeBundle(join(scratch, 'program'), program);
    const files = await operatorFiles(modules);
    await writeImage(join(scratch, 'image.tar'), { name, files, ...operatorConfig });
  });
  return { archive: join(folder, 'image.tar'), name };
}
