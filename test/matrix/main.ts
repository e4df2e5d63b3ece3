import { Command } from 'commander';
import { requiredVersion } from '../cluster/gomodules.ts';
import { runProject } from '../project.ts';
import { matrix, minorOf } from './versions.ts';

// The suite of the control plane, against each pair of versions in turn; the programs are built where they are missing.
const program = new Command('test:matrix')
  .description('Runs the tests of the control plane with other versions of Kubernetes and Knative.')
  .option('--only <text>', 'only pairs in whose name this is, such as "Knative 0.50"', '')
  .argument('[files...]', 'only these files of tests');
program.parse();

const usual = {
  kubernetes: minorOf(await requiredVersion('kubernetes', 'k8s.io/kubernetes')),
  knative: minorOf(await requiredVersion('knative', 'knative.dev/serving')),
};
const lines: string[] = [];
let allFailed = 0;
for (const versions of matrix) {
  const { kubernetes, knative } = { ...usual, ...versions };
  const title = `Kubernetes ${kubernetes}, Knative ${knative}`;
  if (!title.includes(program.opts().only)) continue;
  console.log(`\n== ${title}`);
  const { passed, failed } = await runProject('control-plane', {
    files: program.args,
    env: {
      ...(versions.kubernetes && { DORMOUSE_TEST_KUBERNETES: kubernetes }),
      ...(versions.knative && { DORMOUSE_TEST_KNATIVE: knative }),
    },
  });
  allFailed += failed;
  lines.push(`${title}: ${passed} passed, ${failed} failed`);
}
console.log(`\n${lines.join('\n') || 'no pair of that name'}`);
process.exitCode = allFailed > 0 || lines.length === 0 ? 1 : 0;
