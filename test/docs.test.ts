import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { reasonsTables } from '../src/docs/reasons.ts';
import { runtimesTable } from '../src/docs/runtimes.ts';
import { withSection } from '../src/docs/section.ts';
import { differences } from './kserve/differences.ts';

const page = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8');
const importing = page('docs/import.md');

it('the README has the runtimes of the catalogue (npm run generate)', () => {
  const readme = page('README.md');
  expect(readme).toBe(withSection(readme, 'runtimes', runtimesTable(catalogue())));
});

it('docs/import.md has every reason (npm run generate)', () => {
  expect(importing).toBe(withSection(importing, 'reasons', reasonsTables()));
});

it.each(differences)('docs/import.md explains: $words', ({ words }) => {
  expect(importing).toContain(`- ${words}\n`);
});

it('a section is put between its markers, and nowhere without them', () => {
  expect(withSection('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new')).toBe(
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb',
  );
  expect(() => withSection('a', 'x', 'new')).toThrow('no lines <!-- x --> and <!-- /x -->');
});
