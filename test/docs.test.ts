import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { runtimesTable } from '../src/docs/runtimes.ts';
import { withSection } from '../src/docs/section.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

it('the README has the runtimes of the catalogue (npm run generate)', () => {
  expect(readme).toBe(withSection(readme, 'runtimes', runtimesTable(catalogue())));
});

it('a section is put between its markers, and nowhere without them', () => {
  expect(withSection('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new')).toBe(
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb',
  );
  expect(() => withSection('a', 'x', 'new')).toThrow('no lines <!-- x --> and <!-- /x -->');
});
