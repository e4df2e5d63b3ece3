import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

// `npm run check`: what needs no cluster. `npm test`: that, then what is shipped, an S3 server, GitOps tools, a control
// plane, and a node.
const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const checks = ['unit'];
const all = [...checks, 'packaging', 'storage', 'gitops', 'control-plane', 'node'];

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const scratch = await mkdtemp(join(tmpdir(), 'dormouse-test-'));
const counts: Count[] = [];
try {
  counts.push(
    await step('format, lint and import rules', join(modules, '@biomejs/biome/bin/biome'), 'check', '.'),
  );
  counts.push(await step('types', join(modules, 'typescript/bin/tsc'), '--project', root));
  for (const project of process.argv[2] === 'check' ? checks : all) counts.push(await tests(project));
} finally {
  await rm(scratch, { recursive: true });
}
const sum = (which: keyof Count): number => counts.reduce((total, count) => total + count[which], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

/** Runs a check that passes or fails as a whole. */
async function step(title: string, ...argv: string[]): Promise<Count> {
  console.log(`\n== ${title}`);
  const ok = await node(argv);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** Runs one project of test/vitest.config.ts. A run that counts no test at all has failed. */
async function tests(project: string): Promise<Count> {
  console.log(`\n== tests: ${project}`);
  const report = join(scratch, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const config = ['--config', join(root, 'test/vitest.config.ts'), '--project', project];
  const ok = await node([join(modules, 'vitest/vitest.mjs'), 'run', ...config, ...reporters]);
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
  } = await readFile(report, 'utf8').then(JSON.parse, () => ({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
  }));
  return { passed, failed: ok || failed > 0 ? failed : 1, skipped };
}

/** Runs a program on this very Node.js, which it also finds in PATH; tells whether it succeeded. */
function node(argv: readonly string[]): Promise<boolean> {
  const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}` };
  const child = spawn(process.execPath, argv, { cwd: root, env, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code === 0);
    });
  });
}
