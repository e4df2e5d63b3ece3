import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverageFlags, minLinePercent, readCoverage } from './coverage.ts';
import { type Count, node, runProject } from './project.ts';

// `npm run check`: what needs no cluster. `npm test`: that, then what is shipped, an S3 server, GitOps tools, a control
// plane, and a node.
const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const checks = ['unit'];
const all = [...checks, 'packaging', 'storage', 'gitops', 'control-plane', 'node'];

interface Step {
  readonly title: string;
  readonly count: Count;
  readonly seconds: number;
}

const steps: Step[] = [
  await timed('format, lint and import rules', () =>
    passes(join(modules, '@biomejs/biome/bin/biome'), 'check', '.'),
  ),
  await timed('types', () => passes(join(modules, 'typescript/bin/tsc'), '--project', root)),
];
for (const project of process.argv[2] === 'check' ? checks : all)
  steps.push(
    await timed(`tests: ${project}`, () => (project === 'unit' ? unitTests() : runProject(project))),
  );

const sum = (which: keyof Count): number => steps.reduce((total, { count }) => total + count[which], 0);
console.log();
for (const { title, count, seconds } of steps)
  console.log(
    `${seconds.toFixed(0).padStart(6)} s  ${title}: ${count.passed} passed, ${count.failed} failed`,
  );
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

async function timed(title: string, act: () => Promise<Count>): Promise<Step> {
  console.log(`\n== ${title}`);
  const start = performance.now();
  const count = await act();
  return { title, count, seconds: (performance.now() - start) / 1000 };
}

/** Runs a check that passes or fails as a whole. */
async function passes(...argv: string[]): Promise<Count> {
  const ok = await node(argv);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** The tests that need nothing, and the lines of the pure rooms that they run. */
async function unitTests(): Promise<Count> {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-coverage-'));
  try {
    const { passed, failed, skipped } = await runProject('unit', { flags: coverageFlags(folder) });
    // There is no summary where a test has failed.
    const rooms = failed > 0 ? [] : await readCoverage(folder, root);
    const low = rooms.filter(({ percent }) => percent < minLinePercent);
    console.log(
      `\nlines that tests run: ${rooms.map(({ room, percent }) => `${room} ${percent.toFixed(1)} %`).join(', ')}`,
    );
    for (const { room } of low)
      console.error(`src/${room}: below ${minLinePercent} %: write tests for the lines that none runs`);
    return { passed, failed: failed + low.length, skipped };
  } finally {
    await rm(folder, { recursive: true });
  }
}
