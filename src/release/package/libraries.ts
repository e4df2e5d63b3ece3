import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file or folder of this machine and the absolute path that it gets in an image. */
export type ImageFile = { readonly source: string; readonly target: string };

/**
 * The shared libraries that a dynamically linked executable or `.so` needs, its loader included, as `ldd` resolves them.
 *
 * The loader stays at the path that is written in the executable; everything else goes into the folder of libc, which
 * a loader searches without a cache, whatever run path or `ld.so.conf` led to the library here.
 * A statically linked binary gives an empty list. Throws when a library is missing on this machine.
 */
export async function sharedLibraries(binary: string): Promise<ImageFile[]> {
  const lines = await ldd(await realpath(binary));
  const missing = lines.filter((line) => line.endsWith('=> not found')).map((line) => line.split(' ')[0]);
  if (missing.length > 0) {
    throw new Error(`${binary} needs ${missing.join(', ')}, which this machine lacks: install them.`);
  }
  // `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)`, or `/lib64/ld-linux-x86-64.so.2 (0x...)` for the loader.
  const found = lines
    .map((line) => /^(?:(?<name>\S+) => )?(?<path>\/.*) \(0x[0-9a-f]+\)$/.exec(line)?.groups)
    .map((groups) => ({ name: groups?.name ?? '', path: groups?.path ?? '' }))
    .filter(({ path }) => path !== '');
  const libc = found.find(({ name }) => name.startsWith('libc.'))?.path;
  return Promise.all(
    found.map(async ({ name, path }) => ({
      source: await realpath(path),
      target: name === '' || name.startsWith('/') ? name || path : join(dirname(libc ?? path), name),
    })),
  );
}

async function ldd(binary: string): Promise<string[]> {
  try {
    const { stdout } = await run('ldd', [binary], { env: { ...process.env, LC_ALL: 'C' } });
    return stdout.split('\n').map((line) => line.trim());
  } catch (error) {
    if (/not a dynamic executable/.test(String((error as { stderr?: string }).stderr))) return [];
    throw new Error(`ldd cannot read ${binary}: is it an executable of this machine?`, { cause: error });
  }
}
