/** The end of a name that stands for the own extension of a file. */
export const anyExtension = '.*';

/** The file name that `wanted`, such as `model.onnx` or `model.*`, gives to a file called `original`. */
export function fileNameFor(wanted: string, original: string): string {
  if (!wanted.endsWith(anyExtension)) return wanted;
  const [, extension = ''] = /.((\.tar)?\.[^.]+)$/i.exec(original) ?? [];
  return wanted.slice(0, -anyExtension.length) + extension;
}
