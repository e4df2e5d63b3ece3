import type { RemoteFile } from '../../source.ts';

/** The same weights for other libraries, as they are called beside safetensors. */
const otherWeights =
  /^(?:(?:diffusion_)?pytorch_model.*\.bin|(?:adapter_)?model\.bin|.*\.(?:h5|msgpack|ot|pth|ckpt)|consolidated.*\.safetensors)$/;
/** Folders of the same weights for other libraries. */
const otherFolders = /^(?:onnx|openvino|coreml|original|flax|tf)$/i;

/**
 * Leaves out what only repeats weights that are there as safetensors, beside them or in a folder beside them. All else stays:
 * a server may need any of it.
 */
export function withoutDuplicates(files: readonly RemoteFile[]): readonly RemoteFile[] {
  const folders = new Set(
    files.filter(({ path }) => isSafetensors(path)).map(({ path }) => split(path).folder),
  );
  return files.filter(({ path }) => {
    const { folder, name } = split(path);
    if (folders.has(folder)) return !otherWeights.test(name);
    const parents = folder.split('/');
    return !parents.some(
      (parent, depth) => otherFolders.test(parent) && folders.has(parents.slice(0, depth).join('/')),
    );
  });
}

/** `consolidated.safetensors` is itself another form of the same weights (https://huggingface.co/mistralai). */
const isSafetensors = (path: string): boolean =>
  path.endsWith('.safetensors') && !otherWeights.test(split(path).name);

function split(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) };
}
