import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './exec.ts';
import { type Folder, replaceFile } from './folder.ts';
import { networkSetup } from './network.ts';
import { findProcess, killProcess } from './processes.ts';
import { until } from './wait.ts';

/**
 * The network, mount and process namespaces that everything of one cluster lives in.
 *
 * When the first process of a process namespace ends, the kernel ends all others in it; with the last process go the
 * mounts. So one process to kill is all that `down` needs to know, whatever crashed before it.
 */
export type Sandbox = { readonly folder: Folder; readonly pid: number };

/** A long-running program of the cluster. */
export type Component = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `machine` for what listens on the machine's own loopback; default the cluster's network. */
  readonly network?: 'cluster' | 'machine';
};

const pidFile = (folder: Folder): string => join(folder.run, 'pid');
/** Where it is noted how components ended. */
export const exitFolder = (folder: Folder): string => join(folder.run, 'exit');
/** Where it is kept what runs: of each component how it was started, and its number among the sandbox's processes. */
export const componentFolder = (folder: Folder): string => join(folder.run, 'components');

// Read before /proc is mounted anew, /proc/self is the machine's view of this process.
const firstProcess = `
read -r stat </proc/self/stat
read -r boot </proc/sys/kernel/random/boot_id
printf '%s\\n%s\\n' "$stat" "$boot" >"$1.new" && mv "$1.new" "$1"
exec "$2"`;

// The kubelet sets machine-wide sysctls: here it writes to files that only the sandbox sees in their place.
// The folders are those that containerd and the CNI plugins use whatever they are told.
const mountSetup = `
mount -t proc proc /proc
mkdir -p "$1/sysctl" "$1/exit" "$1/components"
for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  [ -e "/proc/sys/$name" ] || continue
  copy="$1/sysctl/$(basename "$name")"
  cat "/proc/sys/$name" >"$copy"
  mount --bind "$copy" "/proc/sys/$name"
done
for folder in /run/containerd /var/lib/cni /var/log/containers; do
  mkdir -p "$folder"
  mount -t tmpfs tmpfs "$folder"
done`;

const background = `
exit="$1"; pid="$2"; shift 2
{ sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$pid" "$@"; echo "$?" >"$exit.new"; mv "$exit.new" "$exit"; } &`;

export async function findSandbox(folder: Folder): Promise<Sandbox | undefined> {
  const process = await findProcess(pidFile(folder));
  return process && { folder, pid: process.pid };
}

/** Makes the namespaces. `init` is a program that reaps orphans and waits for a signal. */
export async function openSandbox(folder: Folder, init: string): Promise<Sandbox> {
  const unshare = ['unshare', '--net', '--mount', '--pid', '--fork', '--propagation', 'private'];
  const first = ['sh', '-c', firstProcess, 'sandbox', pidFile(folder), init];
  const { child } = await launch(join(folder.log, 'sandbox.log'), [...unshare, ...first]);
  child.unref();
  const sandbox = await until('the first process of the sandbox', () => findSandbox(folder), { seconds: 20 });
  await execute(sandbox, ['sh', '-ec', mountSetup, 'mounts', folder.run]);
  await execute(sandbox, ['sh', '-ec', networkSetup]);
  return sandbox;
}

/** Ends everything in the sandbox. Does nothing where there is none. */
export async function closeSandbox(folder: Folder): Promise<void> {
  const process = await findProcess(pidFile(folder));
  if (process) await killProcess(process);
  await rm(folder.run, { recursive: true, force: true });
}

/** Starts a component; its output goes to a file of its name in the log folder. */
export async function startComponent(sandbox: Sandbox, component: Component): Promise<void> {
  const { name, argv, env, network = 'cluster' } = component;
  const kept = join(componentFolder(sandbox.folder), name);
  await replaceFile(`${kept}.json`, JSON.stringify(component));
  // The shell leaves the component to the first process of the namespace, and stays to note how it ends.
  const enter = [
    ...nsenter(sandbox, network),
    'sh',
    '-c',
    background,
    'sh',
    join(exitFolder(sandbox.folder), name),
    `${kept}.pid`,
  ];
  const { exit } = await launch(join(sandbox.folder.log, `${name}.log`), [...enter, ...argv], env);
  if ((await exit) !== 0)
    throw new Error(`${name} could not be started; see ${sandbox.folder.log}/${name}.log.`);
}

/** Runs a command in the cluster's network and gives what it prints. */
export async function execute(
  sandbox: Sandbox,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  return run([...nsenter(sandbox, 'cluster'), ...argv], { signal });
}

/** The names of components that have ended, which none does while all is well. */
export async function endedComponents(folder: Folder): Promise<string[]> {
  return (await readdir(exitFolder(folder)).catch(() => [])).filter((name) => !name.endsWith('.new'));
}

/** Throws with a component's last words when one has ended. */
export async function checkComponents(folder: Folder): Promise<void> {
  for (const name of await endedComponents(folder)) {
    const status = (await readFile(join(exitFolder(folder), name), 'utf8')).trim();
    const log = join(folder.log, `${name}.log`);
    const words = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n');
    throw new Error(`${name} ended with status ${status}; the end of ${log}:\n${words}`);
  }
}

function nsenter({ pid }: Sandbox, network: 'cluster' | 'machine'): string[] {
  return ['nsenter', `--target=${pid}`, '--mount', '--pid', ...(network === 'cluster' ? ['--net'] : [])];
}

/**
 * Starts a command in a session of its own, which an interrupt from the terminal does not reach, and gives how it
 * ends. Throws when it cannot be started.
 */
async function launch(
  logFile: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly child: ChildProcess; readonly exit: Promise<number | null> }> {
  const log = await open(logFile, 'a');
  try {
    const [command = '', ...args] = argv;
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      // Administration commands are not in every user's PATH.
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...env },
    });
    // Listened for at once: a short command may end before anything else is awaited.
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await once(child, 'spawn');
    return { child, exit };
  } finally {
    await log.close();
  }
}
