import { globSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Program } from '../bench/program.ts';
import { findOrBuild } from '../cluster/binaries.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { apiServer } from '../cluster/controlplane.ts';
import { makeCredentials } from '../cluster/credentials.ts';
import { clusterFolder, replaceFile } from '../cluster/folder.ts';
import { sourceFolders } from '../cluster/gomodules.ts';
import { parseObjects } from '../cluster/knative/manifests.ts';
import type { KubeObject } from '../cluster/knative/render.ts';
import { progress } from '../cluster/progress.ts';
import { findSandbox } from '../cluster/sandbox.ts';
import { until } from '../cluster/wait.ts';
import { runKubectl } from '../support/kubectl.ts';

const namespace = 'kserve';
const account = 'kserve-controller-manager';
const kserveModule = 'github.com/kserve/kserve';
// Inside the cluster's network, where nothing else uses these.
const webhookPort = 9443;
const probePort = 9440;

export const kserveUser = `system:serviceaccount:${namespace}:${account}`;

/** What KServe logs once its controller works. */
export const kserveWorks = 'Starting workers';

/** How to start KServe's manager. */
export interface Kserve {
  readonly start: () => Promise<Program>;
}

/**
 * Installs KServe from its Go module: its CRDs, its configuration for a Knative without Istio, its webhooks with the
 * certificate of the cluster, and an account of its own, of an administrator.
 */
export async function installKserve(
  cluster: Cluster,
  scratch: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Kserve> {
  const binaries = await findOrBuild(['kserve-manager'], progress(log), { signal });
  const { [kserveModule]: source } = await sourceFolders('kserve', [kserveModule], signal);
  const credentials = await makeCredentials(clusterFolder(cluster.name));
  const certificate = await readFile(credentials.certificate);
  const objects = async (pattern: string): Promise<KubeObject[]> => {
    const files = globSync(pattern, { cwd: join(source, 'config') }).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(source, 'config', file), 'utf8')));
    return texts.flatMap(parseObjects);
  };
  const apply = async (list: readonly KubeObject[]): Promise<void> => {
    const yaml = list.map((object) => stringify(object)).join('---\n');
    await runKubectl(cluster, ['apply', '--server-side', '-f', '-'], yaml);
  };

  await apply(await objects('crd/full/serving.kserve.io_*.yaml'));
  // kubectl gives up on a CRD without any condition.
  const wait = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'];
  const established = () => runKubectl(cluster, wait).then(Boolean, () => false);
  await until("KServe's CRDs to be established", established, { signal });
  await runKubectl(cluster, ['create', 'namespace', namespace]);
  await apply((await objects('configmap/inferenceservice.yaml')).map(withoutIstio));
  await apply((await objects('webhook/manifests.yaml')).map((object) => reached(object, certificate)));
  await runKubectl(cluster, ['create', 'serviceaccount', account, `--namespace=${namespace}`]);
  const binding = ['clusterrolebinding', account, '--clusterrole=cluster-admin'];
  await runKubectl(cluster, ['create', ...binding, `--serviceaccount=${namespace}:${account}`]);

  // Where controller-runtime looks for a certificate unless told otherwise, below TMPDIR.
  const certificates = join(scratch, 'k8s-webhook-server/serving-certs');
  await mkdir(certificates, { recursive: true });
  await cp(credentials.certificate, join(certificates, 'tls.crt'));
  await cp(credentials.key, join(certificates, 'tls.key'));
  const token = ['create', 'token', account, `--namespace=${namespace}`, '--duration=24h'];
  const kubeconfig = join(scratch, 'kserve.kubeconfig');
  await replaceFile(kubeconfig, configuration(certificate, (await runKubectl(cluster, token)).trim()));
  const sandbox = await findSandbox(clusterFolder(cluster.name));
  if (!sandbox) throw new Error(`Cluster "${cluster.name}" is down.`);

  const manager = [
    ...[binaries['kserve-manager'], '--metrics-addr=0', `--webhook-port=${webhookPort}`],
    `--health-probe-addr=127.0.0.1:${probePort}`,
  ];
  return {
    start: () =>
      Program.start({
        argv: ['nsenter', `--target=${sandbox.pid}`, '--net', ...manager],
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          KUBECONFIG: kubeconfig,
          POD_NAMESPACE: namespace,
          TMPDIR: scratch,
        },
        log: join(scratch, 'kserve.log'),
      }),
  };
}

/** As KServe's documentation has it for any other ingress of Knative than Istio's. */
function withoutIstio(config: KubeObject): KubeObject {
  const ingress = { ...JSON.parse(config.data.ingress), disableIstioVirtualHost: true };
  return { ...config, data: { ...config.data, ingress: JSON.stringify(ingress) } };
}

/** Webhooks at an address beside the API server instead of a Service of pods. */
function reached(configuration: KubeObject, certificate: Buffer): KubeObject {
  const caBundle = certificate.toString('base64');
  const webhooks = configuration.webhooks.map((webhook: Webhook) => {
    const url = `https://127.0.0.1:${webhookPort}${webhook.clientConfig.service.path}`;
    return { ...webhook, clientConfig: { url, caBundle } };
  });
  return { ...configuration, webhooks };
}

interface Webhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

function configuration(certificate: Buffer, token: string): string {
  const name = 'kserve';
  const cluster = { server: apiServer, 'certificate-authority-data': certificate.toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
