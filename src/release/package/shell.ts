import { realpath } from 'node:fs/promises';
import { type ImageFile, sharedLibraries } from './libraries.ts';

/** A shell and `sleep`, with which a server waits for its model and a fetcher for its end. */
export function shell(): Promise<ImageFile[]> {
  return programs(['/bin/sh', '/bin/sleep']);
}

/** Programs of this machine, each at the same path in the image, with the libraries that they need. */
export async function programs(paths: readonly string[]): Promise<ImageFile[]> {
  const files = await Promise.all(
    paths.map(async (target) => {
      const source = await realpath(target);
      return [{ source, target }, ...(await sharedLibraries(source))];
    }),
  );
  return files.flat();
}
