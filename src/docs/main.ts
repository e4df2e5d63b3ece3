import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../catalogue.ts';
import { reasonsTables } from './reasons.ts';
import { runtimesTable } from './runtimes.ts';
import { withSection } from './section.ts';

// Writes what pages have from data.
const sections = [
  ['README.md', 'runtimes', runtimesTable(catalogue())],
  ['docs/import.md', 'reasons', reasonsTables()],
] as const;
for (const [file, name, content] of sections)
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), name, content));
