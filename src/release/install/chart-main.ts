import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chartFiles, chartFolder } from './chart.ts';

// Writes what the Helm chart has from data.
const files = chartFiles();
rmSync(join(chartFolder, 'files'), { recursive: true, force: true });
for (const [name, text] of Object.entries(files)) {
  const path = join(chartFolder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
