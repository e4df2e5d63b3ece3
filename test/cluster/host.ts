import { mkdir, statfs } from 'node:fs/promises';
import { missing, type Program } from './binaries.ts';
import { executable, run, which } from './exec.ts';
import { cacheFolder, type Size } from './folder.ts';
import { requiredGo } from './gomodules.ts';
import type { Progress } from './progress.ts';

// What each Debian package is needed for, by a file of it.
const packages: Readonly<Record<Size, Readonly<Record<string, string>>>> = {
  'control-plane': { ip: 'iproute2', socat: 'socat', openssl: 'openssl', nsenter: 'util-linux' },
  node: {
    containerd: 'containerd',
    runc: 'runc',
    iptables: 'iptables',
    '/usr/lib/cni/ptp': 'containernetworking-plugins',
    python3: 'python3',
  },
};

/** Throws, with a sentence that says what to do, when this machine cannot run a cluster; installs what it can. */
export async function checkHost(
  size: Size,
  programs: readonly Program[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  if (process.platform !== 'linux') {
    throw new Error(
      `The local cluster needs Linux, and this is ${process.platform}: set KUBECONFIG to a cluster with Knative instead.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The local cluster makes namespaces and mounts: run this as root, or set KUBECONFIG instead.',
    );
  }
  await checkGo();
  await installForCluster(size, progress, signal);
  await checkDisk((await missing(programs)) ? 12 : 3);
}

async function checkGo(): Promise<void> {
  const needed = await requiredGo('knative');
  if (!(await which('go'))) {
    throw new Error(
      `Go is not installed: install Go ${needed} or newer (https://go.dev/dl) and run this again.`,
    );
  }
  // Go fetches a newer self when go.mod asks for it; what cannot is told here.
  await run(['go', 'version'], { cwd: new URL('go/knative', import.meta.url).pathname }).catch(
    (cause: Error) => {
      throw new Error(`Go ${needed} or newer is needed (https://go.dev/dl): ${cause.message}`, { cause });
    },
  );
}

async function installForCluster(size: Size, progress: Progress, signal?: AbortSignal): Promise<void> {
  const needs = { ...packages['control-plane'], ...(size === 'node' ? packages.node : {}) };
  const wanted = await missingPackages(needs);
  if (size === 'node' && !(await hasPip())) wanted.push('python3-pip');
  // LightGBM's, in the image of the model server.
  if (size === 'node' && !(await hasLibrary('libgomp.so.1'))) wanted.push('libgomp1');
  await installPackages(wanted, progress, signal);
}

/** Those Debian packages of which this machine lacks the program or the file that they are wanted for. */
export async function missingPackages(needs: Readonly<Record<string, string>>): Promise<string[]> {
  const lacking = new Set<string>();
  for (const [file, name] of Object.entries(needs)) {
    if (!(file.startsWith('/') ? await executable(file) : await which(file))) lacking.add(name);
  }
  return [...lacking];
}

/** Installs Debian packages. Rejects, with a sentence that says what to do, where they cannot be. */
export async function installPackages(
  wanted: readonly string[],
  { say, during }: Progress,
  signal?: AbortSignal,
): Promise<void> {
  if (wanted.length === 0) return;
  const command = `apt-get install --yes --no-install-recommends ${wanted.join(' ')}`;
  if (!(await which('apt-get'))) {
    throw new Error(`This machine lacks ${wanted.join(', ')}. On Debian or Ubuntu: ${command}`);
  }
  say(`installing Debian packages: ${command}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = async (): Promise<void> => {
    await run(['apt-get', 'update'], { env, signal });
    await run(command.split(' '), { env, signal });
  };
  await during(() => 'still installing packages', install());
}

async function hasPip(): Promise<boolean> {
  return run(['python3', '-m', 'pip', '--version']).then(
    () => true,
    () => false,
  );
}

async function hasLibrary(name: string): Promise<boolean> {
  return (await run(['/sbin/ldconfig', '-p'])).includes(`\t${name} `);
}

async function checkDisk(gigabytes: number): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const { bavail, bsize } = await statfs(cacheFolder);
  const free = (bavail * bsize) / 1e9;
  if (free < gigabytes) {
    throw new Error(
      `${cacheFolder} has ${free.toFixed(1)} GB free and about ${gigabytes} GB are needed: free some, or set XDG_CACHE_HOME.`,
    );
  }
}
