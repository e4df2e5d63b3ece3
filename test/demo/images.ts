import type { Cluster } from '../cluster/cluster.ts';
import { run, which } from '../cluster/exec.ts';

interface Archive {
  readonly archive: string;
  readonly name: string;
}

/**
 * Puts the demo's images, which no registry has, onto the nodes of a cluster: of a local one, or of one of kind.
 *
 * @throws with what to load, for a cluster that takes images in another way
 */
export async function provideImages(
  cluster: Cluster,
  images: readonly Archive[],
  say: (line: string) => void,
): Promise<void> {
  if (cluster.size !== 'given') {
    for (const { archive, name } of images) await cluster.loadImage(archive, name);
    return;
  }
  const kube = (...args: string[]) => run([cluster.kubectl, `--kubeconfig=${cluster.kubeconfig}`, ...args]);
  const context = (await kube('config', 'current-context')).trim();
  const kind = context.startsWith('kind-') ? await which('kind') : undefined;
  if (!kind) {
    const lines = images.map(({ archive, name }) => `  ${name}  from  ${archive}`);
    throw new Error(
      `the nodes of the cluster need these images; load them, then: npm run demo -- --loaded\n${lines.join('\n')}`,
    );
  }
  for (const { archive, name } of images) {
    say(`loading ${name} into kind`);
    await run([kind, 'load', 'image-archive', archive, '--name', context.slice('kind-'.length)]);
  }
}
