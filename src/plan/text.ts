import { type Amounts, quantities } from './amounts.ts';
import type { Change } from './changes.ts';
import type { Kind, ModelDiff } from './model-diff.ts';
import { type Totals, totalsOf } from './report.ts';

export type Style = 'green' | 'yellow' | 'red' | 'bold' | 'dim';
export type Paint = (style: Style, text: string) => string;

const looks: Readonly<Record<Kind, readonly [mark: string, style: Style]>> = {
  new: ['+', 'green'],
  revision: ['~', 'yellow'],
  scale: ['~', 'yellow'],
  service: ['~', 'yellow'],
  unchanged: ['=', 'dim'],
  gone: ['-', 'red'],
  refused: ['!', 'red'],
};

/** For people. Models of which there is nothing to say are only counted. */
export function textReport(diffs: readonly ModelDiff[], paint: Paint): string {
  const listed = diffs.filter(({ kind, refresh }) => kind !== 'unchanged' || refresh.length > 0);
  const models = listed.map((diff) => {
    const [mark, style] = looks[diff.kind];
    return [`${paint(style, `${mark} ${nameOf(diff)}`)}: ${headline(diff)}`, ...details(diff)].join('\n    ');
  });
  return `${[...models, paint('bold', summary(totalsOf(diffs)))].join('\n')}\n`;
}

export const nameOf = ({ name, namespace }: Pick<ModelDiff, 'name' | 'namespace'>): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

function headline({ kind, revision, live }: ModelDiff): string {
  switch (kind) {
    case 'new':
      return `new, with revision ${revision}`;
    case 'revision':
      return `another revision, ${live} -> ${revision}`;
    case 'scale':
      return `other bounds of scale, and ${live} stays`;
    case 'service':
      return `other labels or traffic, and ${live} stays`;
    case 'unchanged':
      return `unchanged: ${live} is held`;
    case 'gone':
      return `gone, with ${live}`;
    case 'refused':
      return live ? `refused; ${live} goes on` : 'refused';
  }
}

/** What happens to a model, a line each. */
export function details(diff: ModelDiff): string[] {
  const { requested, requestedMore, downloads, images, template, kind } = diff;
  const more = formatAmounts(requestedMore);
  const now = requested && formatAmounts(requested);
  const sameTemplate = kind === 'revision' && template.length === 0;
  const meanwhile = kind === 'revision' ? ` while both run${now ? `; ${now} now` : ''}` : '';
  return [
    ...diff.problems,
    ...diff.warnings.map((warning) => `warning: ${warning}`),
    ...[...template, ...diff.scale, ...diff.service].map(changeLine),
    ...(sameTemplate ? ['the template is the same but for what the user meant by it: refreshed'] : []),
    ...(diff.scaleByHand ? ['no controller brings these bounds to it: kubectl annotate the revision'] : []),
    ...podLines(diff),
    ...(more ? [`requests ${more}${kind === 'new' ? '' : ' more'}${meanwhile}`] : []),
    ...(kind === 'gone' && now ? [`frees ${now}`] : []),
    ...images.map((image) => `pulls ${format(image)}`),
    ...downloads.map(
      ({ uri, size, pods }) =>
        `downloads ${format(uri)}${size === undefined ? ', of a size that it does not declare' : `, at most ${size}`}${pods > 1 ? `, in each of ${pods} pods` : ''}`,
    ),
    ...(diff.refresh.length > 0
      ? ['dormouse.dev/refresh would bring:', ...diff.refresh.map((change) => `  ${changeLine(change)}`)]
      : []),
  ];
}

function podLines({ kind, podsEnding, podsStarting }: ModelDiff): string[] {
  const ends =
    podsEnding === undefined
      ? 'its pods end, and their number is not known'
      : pods(podsEnding, 'ends', 'end');
  if (kind === 'revision') return [`${starting(podsStarting)}, then ${ends}`];
  if (kind === 'gone') return [ends];
  return podsStarting > 0 ? [starting(podsStarting)] : [];
}

const starting = (count: number) => `${count > 0 ? 'at least ' : ''}${pods(count, 'starts', 'start')}`;

function pods(count: number, one: string, many: string): string {
  if (count === 0) return `no pod ${one}`;
  return count === 1 ? `1 pod ${one}` : `${count} pods ${many}`;
}

const changeLine = ({ path, before, after }: Change): string => {
  if (before === undefined) return `${path}: ${format(after)} (new)`;
  if (after === undefined) return `${path}: ${format(before)} (taken away)`;
  return `${path}: ${format(before)} -> ${format(after)}`;
};

const maxLength = 120;

/** On one line. */
function format(value: unknown): string {
  const text = typeof value === 'string' && /^[!-~]+$/.test(value) ? value : JSON.stringify(value);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}

const units: Readonly<Record<string, string>> = { cpu: 'CPU' };

function formatAmounts(amounts: Amounts): string {
  return Object.entries(quantities(amounts))
    .map(([name, amount]) => `${amount} ${units[name] ?? name}`)
    .join(', ');
}

const kinds: readonly (readonly [Kind, string])[] = [
  ['new', 'new'],
  ['revision', 'with another revision'],
  ['scale', 'with other bounds of scale'],
  ['service', 'with other labels or traffic'],
  ['gone', 'gone'],
  ['refused', 'refused'],
  ['unchanged', 'unchanged'],
];

function summary(totals: Totals): string {
  const counted = kinds
    .filter(([kind]) => totals.models[kind] > 0)
    .map(([kind, name]) => `${totals.models[kind]} ${name}`);
  const more = formatAmounts(totals.requestedMore);
  const { podsEnding, podsStarting } = totals;
  return [
    `models: ${counted.join(', ')}`,
    ...(podsStarting > 0 ? [starting(podsStarting)] : []),
    ...(podsEnding ? [pods(podsEnding, 'ends', 'end')] : []),
    ...(more ? [`requests ${more} more until the old ones end`] : []),
  ].join('; ');
}
