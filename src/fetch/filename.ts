import { permanent } from './errors.ts';
import { ownNames } from './paths.ts';

const anyExtension = '.*';

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

/** The file name that `wanted`, as checked by `parseFileName`, gives to a file called `original`. */
export function fileNameFor(wanted: string, original: string): string {
  if (!wanted.endsWith(anyExtension)) return wanted;
  const [, extension = ''] = /.((\.tar)?\.[^.]+)$/i.exec(original) ?? [];
  return wanted.slice(0, -anyExtension.length) + extension;
}
