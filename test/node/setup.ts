import type { TestProject } from 'vitest/node';
import { type Cluster, down, up } from '../cluster/cluster.ts';
import { gitOpsPrograms } from '../gitops/programs.ts';
import { type IrisModels, irisImage } from '../images/iris.ts';
import { operatorImage } from '../images/operator.ts';
import { storageImage } from '../images/storage.ts';
import { tritonImage } from '../images/triton.ts';
import { installOperator } from '../support/install.ts';
import { buildTools } from '../support/tools.ts';

const name = 'test-node';

/** A node of our own with the operator in it, as manifests/ installs it, for all files of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string): void => console.log(line);
  const { loadImage, exec: _, ...cluster }: Cluster = await up({ name, size: 'node', fresh: true, log });
  // After the cluster, which installs what the machine lacks, Python among it.
  const iris = await irisImage({ log });
  const images = [
    iris,
    await tritonImage({ log }),
    await operatorImage({ log }),
    await storageImage({ log }),
  ];
  for (const { archive, name } of images) await loadImage(archive, name);
  await buildTools(log);
  await installOperator(cluster);
  await gitOpsPrograms();
  project.provide('cluster', cluster);
  project.provide('models', iris.models);
  return () => down({ name, fresh: true });
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** A classifier of each library, and what the library itself predicts. */
    models: IrisModels;
  }
}
