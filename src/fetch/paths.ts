import { markerName } from '#base/marker.ts';
import { anyExtension } from '#sources/file-name.ts';
import { permanent } from './errors.ts';

/** What is not complete yet. */
export const partialName = '.dormouse-partial';
/** There while a process fetches, or after it was killed. */
export const lockName = '.dormouse-lock';
/** Names at the top of a model's folder that no model may use. */
export const ownNames: readonly string[] = [markerName, partialName, lockName];

/**
 * Whether a name can be that of a file or folder at the top of a model's folder. What a marker names is deleted and
 * renamed, and a marker may come with a folder of another user: no name in it may lead out of the folder.
 */
export const isEntryName = (name: string): boolean =>
  !['', '.', '..', ...ownNames].includes(name) && !/[/\0]/.test(name);

/**
 * The path of a file below the model's folder, as a source or an archive names it, without `.` and empty parts; empty
 * for the folder itself.
 * @throws FetchError when it would leave the folder, or takes a name of ours
 */
export function safePath(name: string, where: string): string {
  const refuse = (why: string) =>
    permanent(`${where}: the name ${JSON.stringify(name)} ${why}: make the model anew without it.`);
  if (name.includes('\0')) throw refuse('holds a NUL byte');
  if (name.startsWith('/')) throw refuse('is an absolute path');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse('leaves the folder');
  if (ownNames.includes(parts[0] ?? '')) throw refuse('is one that dormouse uses itself');
  return parts.join('/');
}

/** @throws FetchError when two files cannot stand beside each other: the same name twice, or one as folder of another */
export function assertDistinct(paths: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const path of paths) {
    if (seen.has(path)) throw permanent(`${where}: two files are called ${path}: rename one.`);
    seen.add(path);
  }
  for (const path of paths) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      if (seen.has(folder)) {
        throw permanent(`${where}: ${folder} is a file and the folder of ${path}: rename one.`);
      }
    }
  }
}

/**
 * Checks the name that a model of one file is to get. It is a plain file name, and may end in `.*`, which stands for
 * the file's own extension.
 * @throws FetchError for anything else
 */
export function parseFileName(text: string): string {
  const stem = text.endsWith(anyExtension) ? text.slice(0, -anyExtension.length) : text;
  const refuse = (why: string) =>
    permanent(`the name "${text}" for the model's file ${why}: write one such as model.onnx or model.*`);
  if (['', '.', '..'].includes(stem) || /[/\0*]/.test(stem)) throw refuse('is no plain file name');
  if (ownNames.includes(stem)) throw refuse('is one that dormouse uses itself');
  return text;
}
