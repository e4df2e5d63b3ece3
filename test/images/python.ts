import { execFile } from 'node:child_process';
import { cp, readdir, realpath, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type ImageFile, sharedLibraries } from '#release/package/libraries.ts';

const run = promisify(execFile);

/** A Python interpreter of this machine. */
export type Python = {
  /** What runs it here, maybe in a virtual environment. */
  readonly command: string;
  /** The interpreter itself. */
  readonly executable: string;
  /** All of `sys.version`: it changes with every build of the interpreter. */
  readonly version: string;
  /** Where its standard library is. */
  readonly stdlib: string;
  /** The same below the prefix, e.g. `lib/python3.11`; `lib64/...` on some distributions. */
  readonly stdlibBelowPrefix: string;
  /** The interpreter as a shared library, for programs that embed it. Many builds of Python have none. */
  readonly library: string | null;
};

const candidates = ['python3', 'python3.12', 'python3.11', 'python3.10', 'python3.9'];

const probe = `
import json, os, sys, sysconfig, pip
minor = sys.version_info[:2]
stdlib = os.path.realpath(sysconfig.get_path('stdlib', vars={'installed_base': sys.base_prefix}))
folder, name = sysconfig.get_config_var('LIBDIR'), 'libpython%d.%d.so.1.0' % minor
libraries = [os.path.join(folder, sub, name) for sub in ('', sysconfig.get_config_var('MULTIARCH') or '')]
print(json.dumps({
  'minor': minor,
  'command': sys.executable,
  'executable': os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable),
  'version': sys.version,
  'stdlib': stdlib,
  'stdlibBelowPrefix': os.path.relpath(stdlib, os.path.realpath(sys.base_prefix)),
  'library': next(filter(os.path.exists, libraries), None),
}))`;

/**
 * The first interpreter on the PATH that MLServer 1.7 runs on, which is 3.9 to 3.12, and that has pip.
 * Throws with what to install when there is none.
 */
export async function findPython(): Promise<Python> {
  for await (const python of pythons()) return python;
  throw new Error(
    `No Python from 3.9 to 3.12 with pip on the PATH (tried ${candidates.join(', ')}): ` +
      'install one, e.g. `apt-get install python3 python3-pip` on Debian 12 or Ubuntu 24.04.',
  );
}

/** The first of the same interpreters that is a shared library too. Throws with what to install when there is none. */
export async function findEmbeddablePython(): Promise<Python & { readonly library: string }> {
  for await (const { library, ...python } of pythons()) if (library) return { ...python, library };
  throw new Error(
    `No Python from 3.9 to 3.12 with pip on the PATH (tried ${candidates.join(', ')}) has a shared library: ` +
      'install it, e.g. `apt-get install libpython3.11` on Debian 12 or `libpython3.12t64` on Ubuntu 24.04.',
  );
}

async function* pythons(): AsyncGenerator<Python> {
  for (const candidate of candidates) {
    const found = await run(candidate, ['-c', probe]).catch(() => undefined);
    if (!found) continue;
    const { minor, ...python } = JSON.parse(found.stdout) as Python & { minor: [number, number] };
    if (minor[0] === 3 && minor[1] >= 9 && minor[1] <= 12) yield python;
  }
}

/** Parts of the standard library that a server does not use, some of which need libraries of a desktop. */
const unused = new Set(
  `__pycache__ dist-packages ensurepip idlelib lib2to3 pydoc_data site-packages sitecustomize.py test tests tkinter
   turtle.py turtledemo venv`.split(/\s+/),
);
const unusedModules =
  /^(_test|_ctypes_test|_xx|xx|_tkinter|_curses|_dbm|_gdbm|readline|_crypt|nis|ossaudiodev)/;

/** Copies the standard library of `python` to `folder`, without tests, GUI and installers. */
export async function copyStandardLibrary(python: Python, folder: string): Promise<void> {
  await cp(python.stdlib, folder, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => {
      const [first = '', ...rest] = relative(python.stdlib, source).split('/');
      if (first === 'lib-dynload' && unusedModules.test(rest[0] ?? '')) return false;
      return !first.startsWith('config-') && ![first, ...rest].some((name) => unused.has(name));
    },
  });
}

/** Removes every file and folder below `folder` whose path there matches `pattern`. */
export async function removeMatching(folder: string, pattern: RegExp): Promise<void> {
  for (const path of await readdir(folder, { recursive: true })) {
    if (pattern.test(path)) await rm(join(folder, path), { recursive: true, force: true });
  }
}

/**
 * Compiles everything below `folder` to bytecode that is used whatever the date of its source: an image has no
 * dates, and Python would compile all of it again at each start (4 s for MLServer).
 */
export async function compileAll(python: Python, folder: string): Promise<void> {
  const options = ['-q', '-j', '0', '--invalidation-mode', 'unchecked-hash', '-s', folder, '-p', '/'];
  await run(python.command, ['-m', 'compileall', ...options, folder], { maxBuffer: 1 << 26 });
}

/** The libraries of this machine that the interpreter, the extension modules below `folder` and `programs` need. */
export async function extensionLibraries(
  python: Python,
  folder: string,
  programs: readonly string[] = [],
): Promise<ImageFile[]> {
  // A wheel's own libraries, in a folder named *.libs, are found through the run path of its extension modules.
  const paths = await readdir(folder, { recursive: true });
  const extensions = paths.filter((path) => path.endsWith('.so') && !path.includes('.libs/'));
  const inside = `${await realpath(folder)}/`;
  const libraries = new Map<string, ImageFile>();
  for (const binary of [python.executable, ...programs, ...extensions.map((path) => join(folder, path))]) {
    for (const library of await sharedLibraries(binary)) {
      if (!library.source.startsWith(inside)) libraries.set(library.target, library);
    }
  }
  return [...libraries.values()];
}
