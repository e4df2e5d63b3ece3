import { readFileSync, writeFileSync } from 'node:fs';
import { pages } from './pages.ts';

// Writes what pages have from data.
for (const [path, fresh] of Object.entries(pages)) writeFileSync(path, fresh(readFileSync(path, 'utf8')));
