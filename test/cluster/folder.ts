import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Ports } from './ports.ts';

/** `control-plane`: an API server with Knative's controllers, no pods. `node`: real pods and an ingress as well. */
export type Size = 'control-plane' | 'node';

/** What is remembered of a cluster from one `up` to the next. */
export type Remembered = { readonly size: Size; readonly ports: Ports };

/** The one folder that holds everything of a cluster. */
export type Folder = {
  readonly name: string;
  readonly path: string;
  /** Kept until `--fresh`: what the API server and the kubelet know. */
  readonly data: string;
  /** Kept always: imported images. */
  readonly containerd: string;
  /** Settings written anew by each `up`. */
  readonly config: string;
  /** Of the last `up`, kept after `down` for reading. */
  readonly log: string;
  /** Sockets and the like of a running cluster; gone after `down`. */
  readonly run: string;
};

/** Where everything is kept that can be made again. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dormouse');

// The longest socket path below a cluster's folder; unix(7) leaves 107 bytes for the whole.
const longestSocket = 'data/kubelet/pod-resources/kubelet.sock';

/** Throws when the name cannot be used, or makes paths of unix sockets too long. */
export function clusterFolder(name: string): Folder {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `"${name}" cannot be a cluster's name: use at most 32 of a-z, 0-9 and - (not first or last).`,
    );
  }
  const path = join(cacheFolder, 'clusters', name);
  const length = Buffer.byteLength(join(path, longestSocket));
  if (length > 107) {
    throw new Error(
      `${path} is ${length - 107} bytes too long for unix sockets: use a shorter name, or set XDG_CACHE_HOME to a shorter path.`,
    );
  }
  const at = (part: string): string => join(path, part);
  return {
    name,
    path,
    data: at('data'),
    containerd: at('containerd'),
    config: at('config'),
    log: at('log'),
    run: at('run'),
  };
}

export async function remembered(folder: Folder): Promise<Remembered | undefined> {
  return readFile(join(folder.path, 'cluster.json'), 'utf8').then(
    (text) => JSON.parse(text),
    () => undefined,
  );
}

export async function remember(folder: Folder, what: Remembered): Promise<void> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder.path, 'cluster.json'), `${JSON.stringify(what)}\n`);
}

/** Empties what only one run needs, and makes the folders. */
export async function prepare(folder: Folder): Promise<void> {
  for (const path of [folder.run, folder.log, folder.config]) {
    await rm(path, { recursive: true, force: true });
  }
  for (const path of [folder.run, folder.log, folder.config, folder.data, folder.containerd]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}

/** Writes a file whole or not at all. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
