import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adminApi } from './api.ts';
import type { Binaries } from './binaries.ts';
import { importImage, startContainerd } from './containerd.ts';
import {
  apiSocket,
  componentKubeconfig,
  startApiServer,
  startControllerManager,
  startRelay,
} from './controlplane.ts';
import { makeCredentials, userName, writeKubeconfig } from './credentials.ts';
import { type Folder, prepare, type Size } from './folder.ts';
import { type ImageArchive, imageNames, nodeImages } from './images.ts';
import { applyManifests, forgetLastLife, renderManifests } from './knative/install.ts';
import { asProcess, type KnativeProcess } from './knative/processes.ts';
import { waitForPods, waitForRights, waitForServices, waitForWebhook } from './knative/ready.ts';
import { network } from './network.ts';
import { startNode, waitForNode } from './node.ts';
import type { Ports } from './ports.ts';
import type { Progress } from './progress.ts';
import { openSandbox, startComponent } from './sandbox.ts';
import { completeMark } from './state.ts';
import { together } from './wait.ts';

export type Start = {
  readonly folder: Folder;
  readonly size: Size;
  readonly ports: Ports;
  readonly binaries: Binaries;
  /** More images to import, besides the node's own. */
  readonly images: readonly ImageArchive[];
  /** Programs of Knative to run where no pods run. */
  readonly knative: readonly KnativeProcess[];
  readonly fresh: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

/** The kubeconfig of a cluster's administrator. */
export const adminKubeconfig = (folder: Folder): string => join(folder.path, 'kubeconfig');

/** Brings a cluster up whose folder and binaries are there and of which nothing runs. */
export async function start(options: Start): Promise<void> {
  const { folder, size, ports, binaries, progress, signal } = options;
  const manifests = await renderManifests(size, signal);
  const images =
    size === 'node' ? [...(await nodeImages(binaries, progress, signal)), ...options.images] : [];
  if (options.fresh) await rm(folder.data, { recursive: true, force: true });
  await prepare(folder);
  const credentials = await makeCredentials(folder);
  const kubeconfig = adminKubeconfig(folder);
  await writeKubeconfig(kubeconfig, credentials, 'admin', `https://127.0.0.1:${ports.api}`);
  const kubectl = [binaries.kubectl, '--kubeconfig', kubeconfig];

  const sandbox = await openSandbox(folder, binaries.pause);
  const api = await adminApi(credentials, ports.api);
  try {
    const importImages = async (signal: AbortSignal): Promise<void> => {
      if (size === 'control-plane') return;
      await startContainerd(sandbox, (await imageNames()).pause ?? '', signal);
      let count = 0;
      for (const image of images) if (await importImage(folder, image, signal)) count += 1;
      if (count > 0) progress.say(`${count} images imported`);
    };
    const startApi = async (signal: AbortSignal): Promise<void> => {
      await startApiServer(sandbox, binaries, credentials, ports, api, signal);
      progress.say('API server ready');
      await forgetLastLife(api);
      await startControllerManager(sandbox, binaries, credentials);
      if (await applyManifests(folder, size, manifests, kubectl, signal)) progress.say('Knative applied');
    };
    await together(signal, importImages, startApi);

    if (size === 'node') {
      await startNode(sandbox, binaries, credentials);
      await waitForNode(folder, api, signal);
      progress.say('node ready');
      await startRelay(
        sandbox,
        'ingress',
        ports.ingress,
        join(folder.run, 'ingress.sock'),
        `${network.ingress}:80`,
      );
      await waitForPods(folder, kubectl, ports, signal);
      await waitForServices(folder, api, ports, signal);
      progress.say('pods and ingress ready');
    } else {
      await waitForRights(folder, api, userName('knative-controller'), signal);
      const config = await componentKubeconfig(folder, credentials, 'knative-controller');
      for (const { kind, ...object } of manifests.objects) {
        if (kind !== 'Deployment' || !options.knative.some((name) => name === object.metadata.name)) continue;
        await startComponent(sandbox, asProcess({ kind, ...object }, binaries, config, apiSocket(folder)));
      }
    }
    await waitForWebhook(folder, api, signal);
    await writeFile(completeMark(folder), '');
  } finally {
    api.close();
  }
}
