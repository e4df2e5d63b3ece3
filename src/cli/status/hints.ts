import { accessLine } from '#status/log-tail.ts';

/** Sentences of servers and of the kubelet that are known, and what they mean. */
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /(?:Can't get attribute|module '__main__' has no attribute) '([\w.]+)'/,
    'the class $1 is not in the image of the server: save it from a module of its own, and name an image with that module in spec.runtime.image',
  ],
  [
    /No module named '([\w.]+)'/,
    'the Python package $1 is not in the image of the server: name an image that has it in spec.runtime.image',
  ],
  [
    /incompatible dtype|InconsistentVersionWarning|Trying to unpickle estimator/,
    'the model was saved by another version of scikit-learn than the server has: save it with the version of the server, or name an image of that version in spec.runtime.image',
  ],
  [
    /wrong model format|BoostLearner: wrong|Unknown model file format/,
    'the file is not of the format that spec.model.format says',
  ],
  [
    /invalid load key|UnpicklingError/,
    'the file is not a pickle: correct spec.model.format or spec.model.uri',
  ],
  [/EOFError|Ran out of input/, 'the file is empty or cut off: upload it again'],
  [
    /IsADirectoryError|Is a directory: '\/mnt\/models/,
    'the server found a folder in place of the model: put the file at the top of the archive or prefix, with the name that the server expects',
  ],
  [
    /CUDA out of memory|torch\.OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED/,
    'the model does not fit the memory of the GPU: use a larger one, or a smaller batch or context',
  ],
  [
    /no kernel image is available|CUDA driver version is insufficient/,
    "the image needs another CUDA version or GPU than the node's driver has",
  ],
  [/OOMKilled|used more memory than/, 'raise spec.resources.limits.memory, or serve a smaller model'],
  [
    /No space left on device/,
    'the disk of the pod is full: raise the ephemeral-storage limit, or free the node',
  ],
  [
    /exec format error/,
    'the image was built for another processor than the node has: build it for that architecture',
  ],
  [
    /Address already in use|EADDRINUSE/,
    'two programs of the pod want the same port: change spec.container.port; 8012, 8013, 8022, 9090 and 9091 are taken by Knative',
  ],
  [
    /runAsNonRoot|Permission denied|EACCES/,
    'the pod does not run as root and has no capabilities: let the image run as another user, or set runAsNonRoot: false in spec.container.securityContext',
  ],
  [/Read-only file system/, 'the folder of the model is read-only: write elsewhere, such as /tmp'],
];

/** What a known sentence within a text means and what to do; nothing where none is known. */
export function hintFor(text: string): string | undefined {
  for (const [pattern, hint] of hints) {
    const match = pattern.exec(text);
    if (match) return hint.replace('$1', match[1] ?? '');
  }
  return undefined;
}

/** Below a line of a traceback. */
const pointer = /^[\s^~]+$/;
const exception = /^(?:[\w.]*(?:Error|Exception|Interrupt)|panic|fatal error|fatal|error)(?::|$)/i;

/**
 * The lines of a log that say why its process ended: the last exception with the lines before it, else the last lines that
 * are no requests.
 */
export function errorLines(text: string, max = 5): string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !accessLine.test(line) && !pointer.test(line));
  const index = lines.findLastIndex((line) => exception.test(line.trim()));
  return index >= 0 ? lines.slice(Math.max(0, index - max + 1), index + 1) : lines.slice(-max);
}
