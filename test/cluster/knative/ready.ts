import { request } from 'node:http';
import type { Api } from '../api.ts';
import { run } from '../exec.ts';
import type { Folder } from '../folder.ts';
import type { Ports } from '../ports.ts';
import { checkComponents } from '../sandbox.ts';
import { until } from '../wait.ts';
import { domain, type KubeObject } from './render.ts';

/** Waits until Knative's programs may read: Kubernetes puts their role together from others some time after it exists. */
export async function waitForRights(
  folder: Folder,
  api: Api,
  user: string,
  signal?: AbortSignal,
): Promise<void> {
  const resourceAttributes = { namespace: 'knative-serving', verb: 'get', resource: 'configmaps' };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' };
  const allowed = async (): Promise<boolean> => {
    const question = { ...review, spec: { user, resourceAttributes } };
    const { body } = await api.request(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      question,
    );
    return (body as KubeObject | undefined)?.status?.allowed === true;
  };
  await until(`${user} to have its rights`, allowed, { signal, check: () => checkComponents(folder) });
}

/** Waits until Knative's webhook judges what is applied: it accepts a Service that is all right, without keeping it. */
export async function waitForWebhook(folder: Folder, api: Api, signal?: AbortSignal): Promise<void> {
  const service = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'ready', namespace: 'default' },
    spec: { template: { spec: { containers: [{ image: 'dev.local/ready:1' }] } } },
  };
  const path = '/apis/serving.knative.dev/v1/namespaces/default/services?dryRun=All';
  const accepts = async (): Promise<boolean> => {
    const { status, body } = await api.request('POST', path, service);
    // The webhook's defaults tell that it was asked at all.
    return status === 201 && (body as KubeObject).spec.template.spec.timeoutSeconds !== undefined;
  };
  await until("Knative's webhook to answer", accepts, {
    signal,
    check: () => checkComponents(folder),
    seconds: 120,
  });
}

/** Waits until all Deployments are available and the ingress answers at its port. */
export async function waitForPods(
  folder: Folder,
  kubectl: readonly string[],
  ports: Ports,
  signal?: AbortSignal,
): Promise<void> {
  for (const namespace of ['kube-system', 'knative-serving', 'kourier-system']) {
    const wait = ['wait', '--for=condition=Available', 'deployment', '--all', '--timeout=180s'];
    await run([...kubectl, '--namespace', namespace, ...wait], { signal });
  }
  const wait = { signal, check: () => checkComponents(folder) };
  await until('the ingress to answer', () => ingressAnswers(ports), wait);
}

export async function ingressAnswers(ports: Ports): Promise<boolean> {
  return (await ask(ports.ingress)).server === 'envoy';
}

/** Waits until the Knative Services that an earlier life left are reached again. Wakes none. */
export async function waitForServices(
  folder: Folder,
  api: Api,
  ports: Ports,
  signal?: AbortSignal,
): Promise<void> {
  const { body } = await api.request('GET', '/apis/serving.knative.dev/v1/services');
  for (const { metadata, status } of (body as { items?: KubeObject[] } | undefined)?.items ?? []) {
    const ready = status?.conditions?.some((c: Condition) => c.type === 'Ready' && c.status === 'True');
    if (!ready || !status.url.endsWith(domain)) continue;
    // What Knative answers itself, whether the model is awake or asleep (knative.dev/networking, pkg/http/header).
    const probe = { host: new URL(status.url).host, 'k-network-probe': 'probe', 'k-network-hash': 'up' };
    const reached = async (): Promise<boolean> => {
      const { status } = await ask(ports.ingress, probe);
      return status > 0 && status < 500 && status !== 404;
    };
    await until(`${metadata.name} to be reached`, reached, { signal, check: () => checkComponents(folder) });
  }
}

type Condition = { readonly type: string; readonly status: string };

/** Status and server of the ingress's answer; status 0 when there is none. */
function ask(
  port: number,
  headers: Record<string, string> = {},
): Promise<{ status: number; server: string }> {
  return new Promise((resolve) => {
    // A connection each: one kept alive might lead to where the ingress was, and now something else is.
    const sent = request({ host: '127.0.0.1', port, headers, agent: false, timeout: 2000 }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, server: String(answer.headers.server) });
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve({ status: 0, server: '' }));
    sent.end();
  });
}
