import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs, shell } from '#release/package/shell.ts';
import { cached, contentKey, defaultCache } from './cache.ts';
import { writeImage, writerVersion } from './oci.ts';
import { install } from './pip.ts';
import {
  compileAll,
  copyStandardLibrary,
  extensionLibraries,
  findEmbeddablePython,
  type Python,
  removeMatching,
} from './python.ts';

/** Triton's release 24.10, in which tritonserver calls itself 2.51.0. */
export const tritonImageName = 'dev.local/dormouse-triton:24.10';

const inputs = ['requirements.txt', 'backend.txt', 'onnxruntime.py'];
const sources = ['triton.ts', 'pip.ts', 'python.ts', '../../src/release/package/shell.ts'];

/** Of the wheels: what neither tritonserver, nor its Python backend, nor a session of ONNX Runtime reads. */
const unused = {
  triton: /^(bin|pytriton|.*\.dist-info|nvidia_pytriton\.libs\/libpython.*)$/,
  backend: new RegExp(
    '(^|/)(tests|include|f2py|distutils|bin)$|\\.(pyi|pyx|pxd|h|c|a)$|' +
      '^onnxruntime/(backend|datasets|quantization|tools|transformers)$|/libonnxruntime\\.so',
  ),
};

/**
 * NVIDIA's Triton Inference Server for ONNX models, laid out as NVIDIA's own image: tritonserver is on the PATH, its
 * backends are in /opt/tritonserver/backends. The server and its Python backend come from the wheel of PyTriton; the
 * ONNX Runtime backend, which no wheel has in C++, is triton/onnxruntime.py. Built once, then taken from `cache`.
 */
export async function tritonImage(options: {
  readonly cache?: string;
  readonly log: (line: string) => void;
}): Promise<{ readonly archive: string; readonly name: string }> {
  const python = await findEmbeddablePython();
  const files = [...inputs.map((name) => `triton/${name}`), ...sources].map(
    (name) => new URL(name, import.meta.url),
  );
  const values = [python.version, python.executable, python.library, process.arch, writerVersion];
  const key = `triton-${await contentKey(files, values)}`;
  const folder = await cached(options.cache ?? defaultCache(), key, (scratch) =>
    build(python, scratch, options.log),
  );
  return { archive: join(folder, 'image.tar'), name: tritonImageName };
}

async function build(
  python: Python & { readonly library: string },
  folder: string,
  log: (line: string) => void,
): Promise<void> {
  const root = join(folder, 'root');
  const triton = join(root, 'opt/tritonserver');
  log('installing Triton and ONNX Runtime from PyPI, first time only: less than a minute');
  await install(python, input('requirements.txt'), root);
  // As deep in the image as in the wheel: its binaries look for /nvidia_pytriton.libs by a relative run path.
  await mkdir(join(root, 'opt'));
  await rename(join(root, 'pytriton/tritonserver'), triton);
  await removeMatching(root, unused.triton);
  // The backend runs a model in a program that embeds one minor version of Python.
  const stubs = join(triton, 'python_backend_stubs');
  const stub = join(triton, 'backends/python/triton_python_backend_stub');
  const minor = /^\d+\.\d+/.exec(python.version)?.[0] ?? '';
  await copyFile(join(stubs, minor, 'triton_python_backend_stub'), stub);
  await rm(stubs, { recursive: true });

  // That program heeds no PYTHONPATH, but the folder of a backend.
  const backend = join(triton, 'backends/onnxruntime');
  await install(python, input('backend.txt'), backend);
  await removeMatching(backend, unused.backend);
  await copyFile(input('onnxruntime.py'), join(backend, 'model.py'));
  await copyStandardLibrary(python, join(root, 'opt/python', python.stdlibBelowPrefix));

  log('compiling to bytecode and writing the image');
  await compileAll(python, root);
  const server = join(triton, 'bin/tritonserver');
  const libraries = await extensionLibraries(python, root, [server, python.library]);
  const libc = libraries.find(({ target }) => basename(target).startsWith('libc.'))?.target ?? '';
  await writeImage(join(folder, 'image.tar'), {
    name: tritonImageName,
    files: [
      { source: root, target: '/' },
      { source: python.executable, target: '/opt/python/bin/python3' },
      ...libraries,
      { source: python.library, target: join(dirname(libc), basename(python.library)) },
      ...(await shell()),
      // The backend starts its programs by it.
      ...(await programs(['/bin/bash'])),
    ],
    cmd: ['tritonserver'],
    env: {
      // Python finds its standard library beside the interpreter that is first here.
      PATH: '/opt/tritonserver/bin:/opt/python/bin:/usr/bin:/bin',
      // NumPy's own pool of threads, which nothing here uses.
      OPENBLAS_NUM_THREADS: '1',
    },
  });
  await rm(root, { recursive: true });
}

function input(name: string): string {
  return fileURLToPath(new URL(`triton/${name}`, import.meta.url));
}
