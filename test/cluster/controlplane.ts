import { join } from 'node:path';
import type { Api } from './api.ts';
import type { Binaries } from './binaries.ts';
import { type Credentials, writeKubeconfig } from './credentials.ts';
import { type Folder, replaceFile } from './folder.ts';
import { network } from './network.ts';
import type { Ports } from './ports.ts';
import { checkComponents, type Sandbox, startComponent } from './sandbox.ts';
import { until } from './wait.ts';

const etcdUrl = 'http://127.0.0.1:2379';

/** The API server's address for what runs beside it. */
export const apiServer = `https://127.0.0.1:${network.apiPort}`;

/** The unix socket that leads to the API server from any network. */
export const apiSocket = (folder: Folder): string => join(folder.run, 'api.sock');

/** Where the API server writes one line of JSON for each request (audit.k8s.io, level Metadata). */
export const auditLog = (folder: Folder): string => join(folder.log, 'audit.log');

/** Starts etcd and the API server, with a port on the machine's loopback, and waits until it is ready. */
export async function startApiServer(
  sandbox: Sandbox,
  binaries: Binaries,
  credentials: Credentials,
  ports: Ports,
  api: Api,
  signal?: AbortSignal,
): Promise<void> {
  const { folder } = sandbox;
  await startComponent(sandbox, { name: 'etcd', argv: [binaries.etcd, ...etcdArguments(folder)] });
  await replaceFile(join(folder.config, 'audit.yaml'), JSON.stringify(auditPolicy));
  const argv = [binaries['kube-apiserver'], ...apiServerArguments(folder, credentials)];
  await startComponent(sandbox, { name: 'kube-apiserver', argv });
  await startRelay(sandbox, 'api', ports.api, apiSocket(folder), `127.0.0.1:${network.apiPort}`);
  await until(
    'the API server to be ready',
    async () => (await api.request('GET', '/readyz')).status === 200,
    {
      signal,
      check: () => checkComponents(folder),
    },
  );
}

/** Starts the controllers of Kubernetes itself, and waits until they work. */
export async function startControllerManager(
  sandbox: Sandbox,
  binaries: Binaries,
  credentials: Credentials,
): Promise<void> {
  const { folder } = sandbox;
  const kubeconfig = await componentKubeconfig(folder, credentials, 'kube-controller-manager');
  await startComponent(sandbox, {
    name: 'kube-controller-manager',
    argv: [
      binaries['kube-controller-manager'],
      ...[`--kubeconfig=${kubeconfig}`, '--use-service-account-credentials=true', '--leader-elect=false'],
      ...[`--service-account-private-key-file=${credentials.serviceAccountKey}`],
      ...[
        `--root-ca-file=${credentials.certificate}`,
        `--cert-dir=${folder.run}`,
        '--bind-address=127.0.0.1',
      ],
      ...[`--cluster-cidr=${network.pods}`, '--allocate-node-cidrs=false', '--profiling=false'],
    ],
  });
}

/** Leads a port of the machine's loopback into the cluster's network, by way of a unix socket. */
export async function startRelay(
  sandbox: Sandbox,
  name: string,
  port: number,
  socket: string,
  target: string,
): Promise<void> {
  const inside = ['socat', `UNIX-LISTEN:${socket},fork,unlink-early,mode=600`, `TCP:${target}`];
  await startComponent(sandbox, { name: `relay-${name}-inside`, argv: inside });
  const listen = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`;
  const outside = ['socat', listen, `UNIX-CONNECT:${socket}`];
  await startComponent(sandbox, { name: `relay-${name}`, argv: outside, network: 'machine' });
}

export async function componentKubeconfig(
  folder: Folder,
  credentials: Credentials,
  user: Parameters<typeof writeKubeconfig>[2],
): Promise<string> {
  return writeKubeconfig(join(folder.config, `${user}.kubeconfig`), credentials, user, apiServer);
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

function etcdArguments(folder: Folder): string[] {
  return [
    ...[`--data-dir=${join(folder.data, 'etcd')}`, '--log-level=warn', '--unsafe-no-fsync'],
    ...[`--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`],
    '--listen-peer-urls=http://127.0.0.1:2380',
  ];
}

function apiServerArguments(folder: Folder, { certificate, key, serviceAccountKey, tokens }: Credentials) {
  return [
    ...[`--etcd-servers=${etcdUrl}`, '--bind-address=0.0.0.0', `--secure-port=${network.apiPort}`],
    ...[`--advertise-address=${network.node}`, `--service-cluster-ip-range=${network.services}`],
    ...[`--tls-cert-file=${certificate}`, `--tls-private-key-file=${key}`, `--cert-dir=${folder.run}`],
    ...[`--token-auth-file=${tokens}`, '--authorization-mode=Node,RBAC'],
    ...[
      '--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement',
      '--allow-privileged=true',
      '--profiling=false',
    ],
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--kubelet-client-certificate=${certificate}`,
    `--kubelet-client-key=${key}`,
    `--kubelet-certificate-authority=${certificate}`,
    '--kubelet-preferred-address-types=InternalIP',
    // Without kube-proxy nothing redirects the address of a Service: go to its endpoints.
    '--enable-aggregator-routing=true',
    `--audit-policy-file=${join(folder.config, 'audit.yaml')}`,
    `--audit-log-path=${auditLog(folder)}`,
    '--audit-log-maxsize=1000',
  ];
}
