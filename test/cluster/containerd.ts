import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './exec.ts';
import { type Folder, replaceFile } from './folder.ts';
import type { ImageArchive } from './images.ts';
import { network } from './network.ts';
import { checkComponents, type Sandbox, startComponent } from './sandbox.ts';
import { until } from './wait.ts';

export const containerdSocket = (folder: Folder): string => join(folder.run, 'containerd.sock');

/** Starts containerd and waits until it answers. */
export async function startContainerd(
  sandbox: Sandbox,
  pauseImage: string,
  signal?: AbortSignal,
): Promise<void> {
  const { folder } = sandbox;
  const networks = join(folder.config, 'cni');
  await mkdir(networks, { recursive: true });
  await replaceFile(join(networks, '10-pods.conflist'), JSON.stringify(podNetwork(folder)));
  const file = join(folder.config, 'containerd.toml');
  await replaceFile(file, settings(folder, pauseImage, networks));
  await startComponent(sandbox, { name: 'containerd', argv: ['containerd', '--config', file] });
  const answers = (): Promise<boolean> =>
    ctr(folder, ['version']).then(
      () => true,
      () => false,
    );
  await until('containerd to answer', answers, { signal, check: () => checkComponents(folder) });
}

/** Imports an image unless the same archive has been imported before. Gives true when it did. */
export async function importImage(
  folder: Folder,
  { archive, name }: ImageArchive,
  signal?: AbortSignal,
): Promise<boolean> {
  const ledger = join(folder.containerd, 'imported.json');
  const imported = JSON.parse(await readFile(ledger, 'utf8').catch(() => '{}')) as Record<string, string>;
  const { size, mtimeMs } = await stat(archive);
  const version = `${archive} ${size} ${mtimeMs}`;
  if (imported[name] === version) return false;
  await ctr(folder, ['images', 'import', archive], signal);
  await ctr(folder, ['images', 'list', '--quiet', `name==${name}`], signal).then((found) => {
    if (!found.includes(name)) throw new Error(`${archive} does not hold an image called ${name}.`);
  });
  await replaceFile(ledger, JSON.stringify({ ...imported, [name]: version }));
  return true;
}

function ctr(folder: Folder, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return run(['ctr', '--address', containerdSocket(folder), '--namespace', 'k8s.io', ...args], { signal });
}

/** One pair of interfaces a pod, routed: needs no bridge, and so none of its kernel settings. */
function podNetwork(folder: Folder) {
  const ipam = {
    type: 'host-local',
    dataDir: join(folder.run, 'cni'),
    ranges: [[{ subnet: network.pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}

// restrict_oom_score_adj: root in a virtual machine or container may lack CAP_SYS_RESOURCE, and runc then fails.
function settings(folder: Folder, pauseImage: string, networks: string): string {
  return `version = 2
root = "${folder.containerd}/root"
state = "${folder.run}/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
  address = "${containerdSocket(folder)}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${folder.containerd}/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  stream_server_address = "127.0.0.1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${networks}"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}
