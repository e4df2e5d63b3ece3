import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kube/client/errors.ts';
import { PlainError } from '../action.ts';

/**
 * The files that some paths stand for: of a folder, every *.yaml, *.yml and *.json in it and below, sorted, but for
 * what is hidden (`.git`, `.github`). A path that is no folder stays as it is, and so does `-`.
 * @throws PlainError where a folder has no such file or cannot be read, or standard input is named twice
 */
export async function filesOf(paths: readonly string[]): Promise<string[]> {
  if (paths.filter((path) => path === '-').length > 1)
    throw new PlainError('standard input, "-", can be read only once: name it once');
  return (await Promise.all(paths.map(filesIn))).flat();
}

async function filesIn(path: string): Promise<string[]> {
  const isFolder =
    path !== '-' &&
    (await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  if (!isFolder) return [path];
  const files = await below(path);
  if (files.length === 0) throw new PlainError(`${path}: has no .yaml, .yml or .json file`);
  return files;
}

async function below(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new PlainError(`${folder}: cannot be read: ${messageOf(cause)}`, { cause });
  });
  const found = entries
    .filter(({ name }) => !name.startsWith('.'))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return below(path);
      return /\.(ya?ml|json)$/.test(entry.name) ? [path] : [];
    });
  return (await Promise.all(found)).flat();
}
