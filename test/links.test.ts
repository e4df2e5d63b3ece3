import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const pages = globSync('{*.md,docs/**/*.md,charts/*/README.md,.github/*.md}', { cwd: root }).sort();
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The text of a page without its blocks of code. */
const prose = (page: string) => read(page).replaceAll(/^```.*?^```$/gms, '');

/** Targets of the links of a page that lead to a file of the repository, or to a heading. */
const linksOf = (page: string) =>
  [...prose(page).matchAll(/(?<!!)\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors of a page, as GitHub makes them of headings. */
const anchorsOf = (page: string) =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

it.each(pages)('links of %s lead somewhere', (page) => {
  const broken = linksOf(page).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !(target.endsWith('.md') && anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

it('docs/README.md and the index of decisions name each page', () => {
  for (const index of ['docs/README.md', 'docs/decisions/README.md']) {
    const folder = dirname(index);
    const named = linksOf(index).map((link) => join(folder, link.split('#')[0] ?? ''));
    const there = globSync(`${folder}/*.md`, { cwd: root }).filter((page) => page !== index);
    expect(there.length).toBeGreaterThan(5);
    expect(named).toEqual(expect.arrayContaining(there));
  }
});

it('each decision has its context, what was decided and what follows, on a page', () => {
  for (const page of globSync('docs/decisions/0*.md', { cwd: root })) {
    const headings = [...read(page).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings, page).toEqual(['Context', 'Decision', 'Consequences']);
    expect(statSync(join(root, page)).size, page).toBeLessThan(4000);
  }
});
