import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from './api.ts';
import type { Binaries } from './binaries.ts';
import { cgroupOf, createCgroup } from './cgroups.ts';
import { containerdSocket } from './containerd.ts';
import { componentKubeconfig } from './controlplane.ts';
import type { Credentials } from './credentials.ts';
import { type Folder, replaceFile } from './folder.ts';
import { network } from './network.ts';
import { checkComponents, type Sandbox, startComponent } from './sandbox.ts';
import { until } from './wait.ts';

const nodeName = 'node1';

/** Starts the scheduler, kube-proxy and the kubelet; containerd must run. */
export async function startNode(
  sandbox: Sandbox,
  binaries: Binaries,
  credentials: Credentials,
): Promise<void> {
  const { folder } = sandbox;
  const start = async (name: 'kube-scheduler' | 'kube-proxy' | 'kubelet', args: readonly string[]) =>
    startComponent(sandbox, { name, argv: [binaries[name], ...args] });

  const scheduler = await componentKubeconfig(folder, credentials, 'kube-scheduler');
  const serving = ['--bind-address=127.0.0.1', `--cert-dir=${folder.run}`, '--profiling=false'];
  await start('kube-scheduler', [`--kubeconfig=${scheduler}`, '--leader-elect=false', ...serving]);

  const proxy = await componentKubeconfig(folder, credentials, 'kube-proxy');
  await start('kube-proxy', [`--config=${await writeSettings(folder, 'kube-proxy', proxySettings(proxy))}`]);

  await createCgroup(cgroupOf(folder.name));
  await mkdir(join(folder.log, 'pods'), { recursive: true });
  await replaceFile(join(folder.config, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  const kubelet = await componentKubeconfig(folder, credentials, 'kubelet');
  const settings = await writeSettings(folder, 'kubelet', kubeletSettings(folder, credentials));
  const identity = [`--hostname-override=${nodeName}`, `--node-ip=${network.node}`];
  const folders = [`--root-dir=${join(folder.data, 'kubelet')}`, `--cert-dir=${folder.run}`];
  await start('kubelet', [`--config=${settings}`, `--kubeconfig=${kubelet}`, ...identity, ...folders]);
}

export async function isNodeReady(api: Api): Promise<boolean> {
  const { body } = await api.request('GET', `/api/v1/nodes/${nodeName}`);
  const conditions = (body as NodeStatus | undefined)?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

export async function waitForNode(folder: Folder, api: Api, signal?: AbortSignal): Promise<void> {
  await until('the node to be ready', () => isNodeReady(api), {
    signal,
    check: () => checkComponents(folder),
  });
}

type NodeStatus = { readonly status?: { readonly conditions?: readonly { type: string; status: string }[] } };

async function writeSettings(folder: Folder, name: string, settings: object): Promise<string> {
  const path = join(folder.config, `${name}.json`);
  await replaceFile(path, JSON.stringify(settings, null, 2));
  return path;
}

function proxySettings(kubeconfig: string) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    bindAddress: '0.0.0.0',
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    hostnameOverride: nodeName,
    clusterCIDR: network.pods,
    clientConnection: { kubeconfig },
    iptables: { minSyncPeriod: '0s', syncPeriod: '30s' },
    // Those sysctls are read-only outside the first network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

function kubeletSettings(folder: Folder, { certificate, key }: Credentials) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.node,
    healthzBindAddress: '127.0.0.1',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificate,
    tlsPrivateKeyFile: key,
    containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
    cgroupDriver: 'cgroupfs',
    // Two kubelets below one cgroup would end each other's pods.
    cgroupRoot: `/${cgroupOf(folder.name)}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDomain: 'cluster.local',
    clusterDNS: [network.dns],
    resolvConf: join(folder.config, 'resolv.conf'),
    podLogsDir: join(folder.log, 'pods'),
    volumePluginDir: join(folder.run, 'volume-plugins'),
    // An imported image can be pulled from nowhere: never collect one.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    maxPods: 110,
  };
}
