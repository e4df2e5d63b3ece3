import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../catalogue.ts';
import { runtimesTable } from './runtimes.ts';
import { withSection } from './section.ts';

// Writes what the README has from data.
const readme = withSection(readFileSync('README.md', 'utf8'), 'runtimes', runtimesTable(catalogue()));
writeFileSync('README.md', readme);
