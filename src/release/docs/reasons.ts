import { type Effect, reasons } from '#import/reasons.ts';
import { markdownTable } from './table.ts';

const heads: Readonly<Record<Effect, string>> = {
  refused: 'not converted, since',
  rejected: 'converted, but',
  lost: 'lost, since',
  note: 'note',
};

/** The tables of every reason of `dormouse import`, in Markdown. */
export function reasonsTables(): string {
  const tables = Object.entries(heads).map(([effect, head]) => {
    const rows = Object.entries(reasons)
      .filter(([, meaning]) => meaning.effect === effect)
      .map(([name, { message }]) => [`\`${name}\``, message]);
    return markdownTable(['reason', head], rows);
  });
  return tables.join('\n\n');
}
