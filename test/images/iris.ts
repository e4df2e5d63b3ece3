import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached, contentKey, defaultCache } from './cache.ts';
import { writeImage, writerVersion } from './oci.ts';
import {
  compileAll,
  copyStandardLibrary,
  extensionLibraries,
  findPython,
  type Python,
  removeMatching,
} from './python.ts';
import { shell } from './shell.ts';

const run = promisify(execFile);

/** The image's reference; Knative does not look up tags below `dev.local/`. */
export const irisImageName = 'dev.local/dormouse-iris:1';

/** What `expected` of `irisImage` holds: rows of four features, and scikit-learn's own prediction for each. */
export type Expected = {
  readonly rows: readonly (readonly number[])[];
  readonly predictions: readonly number[];
};

export type IrisImage = {
  readonly archive: string;
  readonly name: string;
  readonly expected: string;
  /** The classifier alone, as a data scientist has it. */
  readonly model: string;
};

const inputs = ['requirements.txt', 'train.py', 'settings.json', 'model-settings.json'];
const sources = ['iris.ts', 'python.ts', 'shell.ts'];

/** Of the installed packages: tests, and what only compilers and type checkers read. */
const unused =
  /(^|\/)(tests|include|setuptools|_distutils_hack|distutils-precedence\.pth)$|\.(pyi|pyx|pxd|h|hpp|c|cpp|a)$/;

/**
 * The model server of the sample: MLServer with an iris classifier that scikit-learn trains when the image is built.
 * It answers the V2 protocol on port 8080, and works with a read-only root file system. Built once,
 * then taken from `cache`.
 */
export async function irisImage(options: {
  readonly cache?: string;
  readonly log: (line: string) => void;
}): Promise<IrisImage> {
  const python = await findPython();
  const files = [...inputs.map((name) => `iris/${name}`), ...sources].map(
    (name) => new URL(name, import.meta.url),
  );
  const key = `iris-${await contentKey(files, [python.version, python.executable, process.arch, writerVersion])}`;
  const folder = await cached(options.cache ?? defaultCache(), key, (scratch) =>
    build(python, scratch, options.log),
  );
  return {
    archive: join(folder, 'image.tar'),
    name: irisImageName,
    expected: join(folder, 'expected.json'),
    model: join(folder, 'model.joblib'),
  };
}

async function build(python: Python, folder: string, log: (line: string) => void): Promise<void> {
  const root = join(folder, 'root');
  const stdlib = join('opt/python', python.stdlibBelowPrefix);
  await copyStandardLibrary(python, join(root, stdlib));

  log('installing MLServer and scikit-learn from PyPI, first time only: about a minute');
  const packages = join(root, 'opt/packages');
  await install(python, packages);
  await removeMatching(packages, unused);

  log('training the iris classifier');
  const model = join(root, 'opt/models/iris');
  await mkdir(model, { recursive: true });
  await copyFile(input('settings.json'), join(model, 'settings.json'));
  await copyFile(input('model-settings.json'), join(model, 'model-settings.json'));
  const environment = { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' };
  const artifacts = [join(model, 'iris.joblib'), join(folder, 'expected.json')];
  await run(python.command, ['-s', input('train.py'), ...artifacts], { env: environment });

  await copyFile(join(model, 'iris.joblib'), join(folder, 'model.joblib'));
  log('compiling to bytecode and writing the image');
  await compileAll(python, root);
  await writeImage(join(folder, 'image.tar'), {
    name: irisImageName,
    files: [
      { source: root, target: '/' },
      { source: python.executable, target: '/opt/python/bin/python3' },
      ...(await extensionLibraries(python, root)),
      ...(await shell()),
    ],
    entrypoint: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '/opt/models/iris'],
    env: {
      PYTHONHOME: '/opt/python',
      PYTHONPATH: '/opt/packages',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      // SciPy writes a temporary file when it is imported; this is the one folder that every container can write.
      TMPDIR: '/dev/shm',
      // One thread a pod: a pool of a thread a core costs memory, and four features need none.
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
    },
  });
  await rm(root, { recursive: true });
}

async function install(python: Python, folder: string): Promise<void> {
  // The file names every package, so that nothing is left for pip to choose.
  const options = [
    '--quiet',
    '--no-deps',
    '--no-compile',
    '--only-binary=:all:',
    '--disable-pip-version-check',
  ];
  const what = ['--target', folder, '--requirement', input('requirements.txt')];
  try {
    await run(python.command, ['-m', 'pip', 'install', ...options, ...what], { maxBuffer: 1 << 26 });
  } catch (cause) {
    throw new Error('pip cannot install MLServer: check that this machine reaches PyPI.', { cause });
  }
}

function input(name: string): string {
  return fileURLToPath(new URL(`iris/${name}`, import.meta.url));
}
