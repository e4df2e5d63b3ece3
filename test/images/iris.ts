import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { shell } from '#release/package/shell.ts';
import { cached, contentKey, defaultCache } from './cache.ts';
import { writeImage, writerVersion } from './oci.ts';
import { install } from './pip.ts';
import {
  compileAll,
  copyStandardLibrary,
  extensionLibraries,
  findPython,
  type Python,
  removeMatching,
} from './python.ts';

const run = promisify(execFile);

/** The image's reference; Knative does not look up tags below `dev.local/`. */
export const irisImageName = 'dev.local/dormouse-iris:1';

/** One classifier as a data scientist has it, named as its server looks for it, and the path of its `Expected`. */
export type IrisModel = { readonly file: string; readonly expected: string };

/** By library; `onnx` is the classifier of scikit-learn, converted. */
export type IrisModels = Readonly<Record<keyof typeof fileNames, IrisModel>>;

/** Rows of four features, and what the library itself predicts for them: the data of the first output in V2. */
export type Expected = {
  readonly rows: readonly (readonly number[])[];
  readonly predictions: readonly number[];
};

export type IrisImage = { readonly archive: string; readonly name: string; readonly models: IrisModels };

const fileNames = {
  sklearn: 'model.joblib',
  xgboost: 'model.json',
  lightgbm: 'model.bst',
  onnx: 'model.onnx',
} as const;

const inputs = ['requirements.txt', 'tools.txt', 'train.py', 'settings.json', 'model-settings.json'];
const sources = ['iris.ts', 'pip.ts', 'python.ts', '../../src/release/package/shell.ts'];

/** Of the installed packages: tests, and what only compilers and type checkers read. */
const unused =
  /(^|\/)(tests|include|setuptools|_distutils_hack|distutils-precedence\.pth)$|\.(pyi|pyx|pxd|h|hpp|c|cpp|a)$/;

/**
 * The model server of the sample: MLServer for scikit-learn, XGBoost and LightGBM, with an iris classifier that
 * scikit-learn trains when the image is built. It answers the V2 protocol on port 8080, and works with a read-only root
 * file system. Built once, then taken from `cache`, together with a classifier of each library.
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
  const modelOf = (library: keyof IrisModels): IrisModel => ({
    file: join(folder, 'models', library, fileNames[library]),
    expected: join(folder, 'models', library, 'expected.json'),
  });
  return {
    archive: join(folder, 'image.tar'),
    name: irisImageName,
    models: {
      sklearn: modelOf('sklearn'),
      xgboost: modelOf('xgboost'),
      lightgbm: modelOf('lightgbm'),
      onnx: modelOf('onnx'),
    },
  };
}

async function build(python: Python, folder: string, log: (line: string) => void): Promise<void> {
  const root = join(folder, 'root');
  const stdlib = join('opt/python', python.stdlibBelowPrefix);
  await copyStandardLibrary(python, join(root, stdlib));

  log('installing MLServer and its libraries from PyPI, first time only: about a minute');
  const packages = join(root, 'opt/packages');
  await install(python, input('requirements.txt'), packages);
  await removeMatching(packages, unused);
  // Before the training, which would tell of a missing library in words of Python.
  const libraries = await extensionLibraries(python, root);

  log('training classifiers of iris');
  const models = join(folder, 'models');
  await train(python, packages, models);
  const model = join(root, 'opt/models/iris');
  await mkdir(model, { recursive: true });
  await copyFile(input('settings.json'), join(model, 'settings.json'));
  await copyFile(input('model-settings.json'), join(model, 'model-settings.json'));
  await copyFile(join(models, 'sklearn', fileNames.sklearn), join(model, 'iris.joblib'));

  log('compiling to bytecode and writing the image');
  await compileAll(python, root);
  await writeImage(join(folder, 'image.tar'), {
    name: irisImageName,
    files: [
      { source: root, target: '/' },
      { source: python.executable, target: '/opt/python/bin/python3' },
      ...libraries,
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

/** Trains with the packages of the image, and with the converter to ONNX beside them, which no image needs. */
async function train(python: Python, packages: string, folder: string): Promise<void> {
  const tools = await mkdtemp(`${folder}-tools-`);
  try {
    await install(python, input('tools.txt'), tools);
    const env = { ...process.env, PYTHONPATH: `${packages}:${tools}`, PYTHONDONTWRITEBYTECODE: '1' };
    await run(python.command, ['-s', input('train.py'), folder], { env });
  } finally {
    await rm(tools, { recursive: true });
  }
}

function input(name: string): string {
  return fileURLToPath(new URL(`iris/${name}`, import.meta.url));
}
