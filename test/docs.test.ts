import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pages } from '../src/docs/pages.ts';
import { withSection } from '../src/docs/section.ts';
import { differences } from './kserve/differences.ts';

const page = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');

it.each(Object.entries(pages))('%s has what data says now (npm run generate)', (path, fresh) => {
  expect(page(path)).toBe(fresh(page(path)));
});

it.each(differences)('docs/import.md explains: $words', ({ words }) => {
  expect(page('docs/import.md')).toContain(`- ${words}\n`);
});

it('a section is put between its markers, and nowhere without them', () => {
  expect(withSection('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new')).toBe(
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb',
  );
  expect(() => withSection('a', 'x', 'new')).toThrow('no lines <!-- x --> and <!-- /x -->');
});
