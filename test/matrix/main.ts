import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { requiredVersion } from '../cluster/gomodules.ts';
import { matrix, type Versions } from './versions.ts';

// The suite of the control plane, against each pair of versions in turn; the programs are built where they are missing.
const root = join(import.meta.dirname, '../..');
interface Result {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

const program = new Command('test:matrix')
  .description('Runs the tests of the control plane with other versions of Kubernetes and Knative.')
  .option('--only <text>', 'only pairs in whose name this is, such as "Knative 0.50"', '')
  .argument('[files...]', 'only these files of tests');
program.parse();

const usual = {
  kubernetes: await requiredVersion('kubernetes', 'k8s.io/kubernetes'),
  knative: await requiredVersion('knative', 'knative.dev/serving'),
};
const minor = (version: string): string => /^v(\d+\.\d+)/.exec(version)?.[1] ?? version;
const scratch = await mkdtemp(join(tmpdir(), 'dormouse-matrix-'));
const lines: string[] = [];
let failed = 0;
try {
  for (const versions of matrix) {
    const { kubernetes = minor(usual.kubernetes), knative = minor(usual.knative) } = versions;
    const title = `Kubernetes ${kubernetes}, Knative ${knative}`;
    if (!title.includes(program.opts().only)) continue;
    console.log(`\n== ${title}`);
    const { numPassedTests, numFailedTests } = await run(versions);
    failed += numFailedTests;
    lines.push(`${title}: ${numPassedTests} passed, ${numFailedTests} failed`);
  }
} finally {
  await rm(scratch, { recursive: true });
}
console.log(`\n${lines.join('\n') || 'no pair of that name'}`);
process.exitCode = failed > 0 || lines.length === 0 ? 1 : 0;

/** A run that counts no test at all has failed. */
async function run({ kubernetes, knative }: Versions): Promise<Result> {
  const report = join(scratch, 'report.json');
  const env = {
    ...process.env,
    ...(kubernetes && { DORMOUSE_TEST_KUBERNETES: kubernetes }),
    ...(knative && { DORMOUSE_TEST_KNATIVE: knative }),
  };
  const argv = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', join(root, 'test/vitest.config.ts'), '--project', 'control-plane'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...program.args,
  ];
  const child = spawn(process.execPath, argv, { cwd: root, env, stdio: 'inherit' });
  // The terminal interrupts the child itself, which takes its cluster down and ends.
  const wait = (): void => {};
  process.on('SIGINT', wait);
  await new Promise((resolve) => child.once('exit', resolve));
  process.off('SIGINT', wait);
  const none = { numPassedTests: 0, numFailedTests: 1 };
  const result: Result = await readFile(report, 'utf8').then(JSON.parse, () => none);
  await rm(report, { force: true });
  return result.numPassedTests + result.numFailedTests > 0 ? result : none;
}
