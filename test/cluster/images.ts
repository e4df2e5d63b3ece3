import { join } from 'node:path';
import { sharedLibraries } from '#release/package/libraries.ts';
import { cached, contentKey, defaultCache } from '../images/cache.ts';
import { writeImage, writerVersion } from '../images/oci.ts';
import type { Binaries, Program } from './binaries.ts';
import { envoyVersion, findOrFetchEnvoy } from './envoy.ts';
import { requiredVersion } from './gomodules.ts';
import type { Progress } from './progress.ts';

/** An OCI archive and the reference that it is imported under. */
export type ImageArchive = { readonly archive: string; readonly name: string };

/** Where Kourier's manifest expects Envoy in its image. */
const envoyPath = '/usr/local/bin/envoy';

const knativePrograms = ['controller', 'webhook', 'autoscaler', 'activator', 'queue', 'kourier'] as const;

/** The image that only answers; see go/addons/echo. */
export const echoImage = 'dev.local/echo:1';

/** Knative asks no registry about names below `dev.local/`. */
export async function imageNames(): Promise<Record<string, string>> {
  const tag = async (module: 'knative' | 'addons', path: string): Promise<string> =>
    (await requiredVersion(module, path)).replace(/^v/, '');
  const serving = await tag('knative', 'knative.dev/serving');
  return {
    pause: 'dev.local/pause:1',
    echo: echoImage,
    coredns: `dev.local/coredns:${await tag('addons', 'github.com/coredns/coredns')}`,
    envoy: `dev.local/envoy:${envoyVersion}`,
    // Kourier is released with the rest, under the same number.
    ...Object.fromEntries(knativePrograms.map((name) => [name, `dev.local/${name}:${serving}`])),
  };
}

/** The images of a node, each written once for a build of its program. */
export async function nodeImages(
  binaries: Binaries,
  progress: Progress,
  signal?: AbortSignal,
): Promise<ImageArchive[]> {
  const names = await imageNames();
  const ofProgram = async (program: Program): Promise<ImageArchive> =>
    archive(names[program] ?? '', binaries[program], `/${program}`);
  const images: ImageArchive[] = [];
  for (const program of ['pause', 'echo', 'coredns', ...knativePrograms] as const) {
    signal?.throwIfAborted();
    images.push(await ofProgram(program));
  }
  const envoy = await findOrFetchEnvoy(progress, signal);
  return [...images, await archive(names.envoy ?? '', envoy, envoyPath)];
}

async function archive(name: string, binary: string, entrypoint: string): Promise<ImageArchive> {
  // The path of a binary holds the key of its build.
  const key = `${name.replaceAll(/\W/g, '-')}-${await contentKey([], [binary, entrypoint, writerVersion])}`;
  const folder = await cached(defaultCache(), key, async (scratch) => {
    const files = [{ source: binary, target: entrypoint }, ...(await sharedLibraries(binary))];
    await writeImage(join(scratch, 'image.tar'), { name, files, entrypoint: [entrypoint] });
  });
  return { name, archive: join(folder, 'image.tar') };
}
