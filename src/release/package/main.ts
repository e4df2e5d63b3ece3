import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, writeBundle } from './bundle.ts';
import { writeTar } from './layer.ts';
import { operatorFiles, runtimes } from './operator.ts';
import { rootEntries } from './root.ts';

// What is shipped. `program FOLDER`: the bundled program, for the npm package. `root FILE`: all files of the operator's
// image as a tar file, for the Dockerfile.
const [what, target = ''] = process.argv.slice(2);

if (what === 'program' && target) await program(target);
else if (what === 'root' && target) await root(target);
else throw new Error('write "program FOLDER" or "root FILE"');

async function program(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await writeBundle(folder, await bundle());
  await chmod(join(folder, 'dormouse.mjs'), 0o755);
  await cp(runtimes, join(folder, 'runtimes'), { recursive: true });
}

async function root(file: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'dormouse-root-'));
  try {
    const modules = await writeBundle(scratch, await bundle());
    await writeTar(file, await rootEntries(await operatorFiles(modules)));
  } finally {
    await rm(scratch, { recursive: true });
  }
}
