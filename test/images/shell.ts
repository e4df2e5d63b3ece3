import { realpath } from 'node:fs/promises';
import { type ImageFile, sharedLibraries } from './libraries.ts';

/** A shell and `sleep`, with which a server waits for its model and a fetcher for its end. */
export async function shell(): Promise<ImageFile[]> {
  const programs = ['/bin/sh', '/bin/sleep'];
  const files = await Promise.all(
    programs.map(async (target) => {
      const source = await realpath(target);
      return [{ source, target }, ...(await sharedLibraries(source))];
    }),
  );
  return files.flat();
}
