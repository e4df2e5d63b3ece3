import { findOrBuild } from '../cluster/binaries.ts';
import { installPackages, missingPackages } from '../cluster/host.ts';
import { progress } from '../cluster/progress.ts';
import { buildTools } from '../support/tools.ts';
import { nodeFolder, nodeVersions } from './nodes.ts';

/** Helm, the checkers, kubectl, shells and each Node.js, for all files of the project. */
export default async function setup(): Promise<void> {
  await buildTools(console.log);
  await findOrBuild(['kubectl'], progress(console.log));
  await installPackages(await missingPackages({ zsh: 'zsh', fish: 'fish' }), progress(console.log));
  for (const version of nodeVersions) await nodeFolder(version);
}
