import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pages } from '../src/docs/pages.ts';
import { withSection } from '../src/docs/section.ts';

it.each(Object.entries(pages))('%s has what data says now (npm run generate)', (path, fresh) => {
  const text = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
  expect(text).toBe(fresh(text));
});

it('a section is put between its markers, and nowhere without them', () => {
  expect(withSection('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new')).toBe(
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb',
  );
  expect(() => withSection('a', 'x', 'new')).toThrow('no lines <!-- x --> and <!-- /x -->');
});
