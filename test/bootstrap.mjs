// The first step of every npm script, on whatever Node the machine has: installs what package-lock.json says where that
// is not done, then runs the script on the Node version that the project pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const modules = join(root, 'node_modules');
const node = join(modules, 'node/bin/node');
const stamp = join(modules, '.dormouse');
const [script, ...args] = process.argv.slice(2);

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(node) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error('Installing the npm packages (first time, or package-lock.json has changed) ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error('npm ci failed: see above. Is the npm registry reached from here?');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

const child = spawn(node, [join(root, script), ...args], { stdio: 'inherit' });
// A terminal sends its Ctrl-C to the child too, which ends in its own good time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
