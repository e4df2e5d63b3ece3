/**
 * The text of a page with what is generated put between its markers, `<!-- name -->` and `<!-- /name -->`.
 * @throws where the page has no such markers
 */
export function withSection(page: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`the page has no lines ${open} and ${close}`);
  return `${page.slice(0, start + open.length)}\n${content}\n${page.slice(end)}`;
}
