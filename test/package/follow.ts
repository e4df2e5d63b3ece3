import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { blocksOf } from './pages.ts';

// Does what a page says, word for word: all its `sh` blocks in one shell, which ends with the first command that fails.
const [page = 'docs/kind.md'] = process.argv.slice(2);
const script = (await blocksOf(page, 'sh')).join('\n');
const shell = spawn('bash', ['-euxo', 'pipefail', '-c', script], {
  cwd: join(import.meta.dirname, '../..'),
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => shell.kill(signal));
shell.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
