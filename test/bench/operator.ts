import { access, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { milliValue } from '#api/schema/quantity.ts';
import { bundle, writeBundle } from '#release/package/bundle.ts';
import { cgroupOf, createCgroup } from '../cluster/cgroups.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { manifests } from '../support/install.ts';
import { runKubectl } from '../support/kubectl.ts';
import { Program } from './program.ts';

const root = join(import.meta.dirname, '../..');

/** What a pod of the operator gets: its files and its token, in a folder of ours. */
export interface Pod {
  readonly folder: string;
  /** File that takes a process into a cgroup with the memory that the Deployment allows. */
  readonly cgroup: string;
  /** Port of the API server on 127.0.0.1. */
  readonly port: string;
}

/** Installs what manifests/ has but the Deployment, and lays out what its pod would have. */
export async function preparePod(cluster: Cluster, folder: string): Promise<Pod> {
  for (const file of ['crds.yaml', 'install.yaml', 'runtimes.yaml'])
    await runKubectl(cluster, ['apply', '-f', join(manifests, file)]);
  const deployment = ['deployment/dormouse', '--namespace=dormouse-system'];
  const limit = '--output=jsonpath={.spec.template.spec.containers[0].resources.limits.memory}';
  const memory = await runKubectl(cluster, ['get', ...deployment, limit]);
  await runKubectl(cluster, ['delete', ...deployment]);
  await mkdir(join(folder, 'account'), { recursive: true });
  const account = ['create', 'token', 'dormouse', '--namespace=dormouse-system', '--duration=24h'];
  const view = ['config', 'view', '--raw', '--output=json'];
  const { server, ...at } = JSON.parse(await runKubectl(cluster, view)).clusters[0].cluster;
  const files = {
    token: await runKubectl(cluster, account),
    namespace: 'dormouse-system',
    'ca.crt': Buffer.from(at['certificate-authority-data'], 'base64'),
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, 'account', name), content);
  const programs = { dormouse: join(root, 'src/main.ts'), list: join(import.meta.dirname, 'list.ts') };
  await writeBundle(join(folder, 'app'), await bundle(programs));
  await cp(join(root, 'src/catalogue/runtimes'), join(folder, 'app/runtimes'), { recursive: true });
  const bytes = Number(milliValue(memory) / 1000n);
  return { folder, port: new URL(server).port, cgroup: await limitMemory(cluster.name, bytes) };
}

/** Node.js makes its heap fit the memory that it is allowed. The cgroup goes with the cluster. */
async function limitMemory(cluster: string, bytes: number): Promise<string> {
  const name = cgroupOf(cluster);
  await createCgroup(name);
  const first = join('/sys/fs/cgroup/memory', name);
  const isFirst = await access(first).then(
    () => true,
    () => false,
  );
  const [path, file] = isFirst
    ? [first, 'memory.limit_in_bytes']
    : [join('/sys/fs/cgroup', name), 'memory.max'];
  await writeFile(join(path, file), String(bytes));
  return join(path, 'cgroup.procs');
}

// The service account is where the kubelet puts it, in a mount namespace that ends with the process.
const mounted = `echo $$ >"$2"
mount -t tmpfs tmpfs "$(readlink -f /var/run)"
mkdir -p /var/run/secrets/kubernetes.io
ln -s "$1" /var/run/secrets/kubernetes.io/serviceaccount
shift 2; exec "$@"`;

const start = (pod: Pod, log: string, argv: readonly string[]): Promise<Program> => {
  const enter = ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', mounted, 'sh'];
  return Program.start({
    argv: [...enter, join(pod.folder, 'account'), pod.cgroup, process.execPath, ...argv],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      NODE_ENV: 'production',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: pod.port,
    },
    log: join(pod.folder, log),
  });
};

/** The operator as in its image: the bundle on the Node.js of the project, as its own service account. */
export const startOperator = (
  pod: Pod,
  { log = 'operator.log', profile }: { readonly log?: string; readonly profile?: string | undefined } = {},
): Promise<Program> =>
  start(pod, log, [
    ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
    ...[join(pod.folder, 'app/dormouse.mjs'), 'controller'],
    ...['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'],
  ]);

/** A program that lists what the operator lists at its start, with the operator's client, and ends. */
export const startList = (pod: Pod): Promise<Program> =>
  start(pod, 'list.log', [join(pod.folder, 'app/list.mjs')]);

/** What the operator logs once its caches hold everything, and once it works. */
export const inSync = 'caches are in sync';
export const works = 'starting controllers';
