import { join } from 'node:path';
import { type Count, node, runProject } from './project.ts';

// `npm run check`: what needs no cluster. `npm test`: that, then what is shipped, an S3 server, GitOps tools, a control
// plane, and a node.
const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const checks = ['unit'];
const all = [...checks, 'packaging', 'storage', 'gitops', 'control-plane', 'node'];

const counts: Count[] = [
  await step('format, lint and import rules', join(modules, '@biomejs/biome/bin/biome'), 'check', '.'),
  await step('types', join(modules, 'typescript/bin/tsc'), '--project', root),
];
for (const project of process.argv[2] === 'check' ? checks : all) {
  console.log(`\n== tests: ${project}`);
  counts.push(await runProject(project));
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
