import { rm } from 'node:fs/promises';
import { findOrBuild, programsOf } from './binaries.ts';
import { cgroupOf, removeCgroup } from './cgroups.ts';
import { importImage } from './containerd.ts';
import { auditLog } from './controlplane.ts';
import { run, which } from './exec.ts';
import { clusterFolder, type Folder, remember, remembered, type Size } from './folder.ts';
import { checkHost } from './host.ts';
import type { ImageArchive } from './images.ts';
import { type KnativeProcess, processes } from './knative/processes.ts';
import { domain } from './knative/render.ts';
import { lock } from './lock.ts';
import { choosePorts, type Ports } from './ports.ts';
import { type Progress, progress } from './progress.ts';
import { closeSandbox, endedComponents, execute, findSandbox } from './sandbox.ts';
import { adminKubeconfig, start } from './start.ts';
import { type State, stateOf } from './state.ts';

export type { Size } from './folder.ts';
export { echoImage, type ImageArchive } from './images.ts';
export type { Ports } from './ports.ts';

/** A running cluster with Knative. */
export type Cluster = {
  readonly name: string;
  /** `given` is a cluster that KUBECONFIG names. */
  readonly size: Size | 'given';
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of a kubectl of a fitting version. */
  readonly kubectl: string;
  /** Where requests to models go, with the model's host name in the Host header; only a local node has it. */
  readonly ingress?: { readonly host: '127.0.0.1'; readonly port: number };
  /** A model `m` of namespace `n` gets the host name `m.n.<domain>`. */
  readonly domain: string;
  /** Path of the API server's audit log: a line of JSON for each request, level Metadata. */
  readonly auditLog?: string;
  /** Puts an OCI archive into the node's image store under that reference. */
  readonly loadImage: (archive: string, name: string) => Promise<void>;
  /** Runs a command in the cluster's own network and gives what it prints. */
  readonly exec: (argv: readonly string[]) => Promise<string>;
};

export type Which = {
  /** Default `default`. */
  readonly name?: string;
  readonly log?: (line: string) => void;
  /** Its abort ends an `up` under way and takes down what was started. */
  readonly signal?: AbortSignal;
};

export type UpOptions = Which & {
  /** Default `node`. */
  readonly size?: Size;
  /** Starts over: forgets all objects, keeps imported images. */
  readonly fresh?: boolean;
  /** Default: those of last time, else free ones. */
  readonly ports?: Partial<Ports>;
  /** Imported besides the images of the node itself. */
  readonly images?: readonly ImageArchive[];
  /** Programs of Knative to run in a control plane that is down, the webhook among them; default all. */
  readonly knative?: readonly KnativeProcess[];
};

export type Status = {
  readonly name: string;
  readonly state: State;
  readonly size?: Size;
  /** Components that have ended though they should not. */
  readonly ended: readonly string[];
};

/** The cluster that KUBECONFIG names, else a local one, brought up if need be. */
export async function useCluster(options: UpOptions = {}): Promise<Cluster> {
  const given = process.env.KUBECONFIG;
  const own = adminKubeconfig(clusterFolder(options.name ?? 'default'));
  return given && given !== own ? connect(given) : up(options);
}

/** A cluster that exists, with Knative in it. */
export async function connect(kubeconfig: string): Promise<Cluster> {
  const kubectl = await which('kubectl');
  if (!kubectl)
    throw new Error('KUBECONFIG is set, and no kubectl is in PATH: install it, or unset KUBECONFIG.');
  const config = ['get', 'configmap', 'config-domain', '--namespace=knative-serving', '--output=json'];
  const found = await run([kubectl, `--kubeconfig=${kubeconfig}`, ...config]).catch((cause: Error) => {
    throw new Error(`The cluster of KUBECONFIG=${kubeconfig} has no Knative Serving: ${cause.message}`, {
      cause,
    });
  });
  const { data = {} } = JSON.parse(found) as { data?: Record<string, string> };
  const unsupported = async (): Promise<never> => {
    throw new Error(`Only a local cluster can do that; KUBECONFIG is set to ${kubeconfig}.`);
  };
  return {
    name: 'given',
    size: 'given',
    kubeconfig,
    kubectl,
    domain: Object.keys(data).find((key) => key !== '_example') ?? 'svc.cluster.local',
    loadImage: unsupported,
    exec: unsupported,
  };
}

/** Brings a local cluster up, or finds that it is. On failure or abort nothing is left running. */
export async function up(options: UpOptions = {}): Promise<Cluster> {
  const { size = 'node', fresh = false, images = [], knative = processes } = options;
  const folder = clusterFolder(options.name ?? 'default');
  const shown = progress(options.log ?? (() => {}));
  const signal = options.signal ?? new AbortController().signal;
  return locked(folder, shown, signal, async () => {
    const last = await remembered(folder);
    if (!fresh && last && last.size !== size) {
      throw new Error(
        `Cluster "${folder.name}" was a ${last.size}: add --fresh to start over as ${size}, or use another --name.`,
      );
    }
    const binaries = async () =>
      findOrBuild(programsOf(size), shown, {
        assets: size === 'control-plane' ? process.env.KUBEBUILDER_ASSETS : undefined,
        signal,
      });
    const state = await stateOf(folder);
    if (state === 'up' && last && !fresh) {
      shown.say(`cluster "${folder.name}" is already up`);
      const cluster = describe(folder, size, last.ports, (await binaries()).kubectl);
      for (const { archive, name } of images) await cluster.loadImage(archive, name);
      return cluster;
    }
    if (state !== 'down') shown.say(`taking down cluster "${folder.name}" first`);
    await stop(folder);
    await checkHost(size, programsOf(size), shown, signal);
    const ports = await choosePorts(options.ports ?? {}, last?.ports);
    const built = await binaries();
    await remember(folder, { size, ports });
    try {
      await start({ folder, size, ports, binaries: built, images, knative, fresh, progress: shown, signal });
    } catch (error) {
      shown.say('taking down what was started');
      await stop(folder);
      throw error;
    }
    shown.say(`cluster "${folder.name}" is up`);
    return describe(folder, size, ports, built.kubectl);
  });
}

/** Ends everything of a local cluster; with `fresh` its objects are forgotten too. Does nothing where there is none. */
export async function down(options: Which & { readonly fresh?: boolean } = {}): Promise<void> {
  const folder = clusterFolder(options.name ?? 'default');
  const shown = progress(options.log ?? (() => {}));
  await locked(folder, shown, options.signal, async () => {
    await stop(folder);
    if (options.fresh) await rm(folder.data, { recursive: true, force: true });
    shown.say(`cluster "${folder.name}" is down`);
  });
}

export async function status(options: Which = {}): Promise<Status> {
  const folder = clusterFolder(options.name ?? 'default');
  const last = await remembered(folder);
  const state = await stateOf(folder);
  return { name: folder.name, state, ...(last && { size: last.size }), ended: await endedComponents(folder) };
}

async function locked<T>(
  folder: Folder,
  { say }: Progress,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const waiting = (): void => say(`another launcher is at work on cluster "${folder.name}": waiting for it`);
  const held = await lock(folder.path, waiting, signal);
  try {
    return await work();
  } finally {
    await held.release();
  }
}

async function stop(folder: Folder): Promise<void> {
  await closeSandbox(folder);
  await removeCgroup(cgroupOf(folder.name));
}

function describe(folder: Folder, size: Size, ports: Ports, kubectl: string): Cluster {
  const sandbox = async () => {
    const found = await findSandbox(folder);
    if (!found) throw new Error(`Cluster "${folder.name}" is down.`);
    return found;
  };
  return {
    name: folder.name,
    size,
    kubeconfig: adminKubeconfig(folder),
    kubectl,
    ...(size === 'node' && { ingress: { host: '127.0.0.1', port: ports.ingress } as const }),
    domain,
    auditLog: auditLog(folder),
    loadImage: async (archive, name) => {
      if (size !== 'node')
        throw new Error(`Cluster "${folder.name}" has no image store: its size is ${size}.`);
      await importImage(folder, { archive, name });
    },
    exec: async (argv) => execute(await sandbox(), argv),
  };
}
