import { indented, table } from '../terminal/output.ts';
import type { Cause } from './cause.ts';
import type { Report, RevisionReport } from './report.ts';

/** A report for people. */
export function reportText(report: Report): string {
  const { name, namespace, state, ready, causes } = report;
  const facts = [
    ...(report.uri ? [['Model', report.uri]] : []),
    ['Server', report.server],
    ['URL', report.url ? `${report.url} (${report.visibility})` : '-'],
    // The URL of a model that is not public is that within the cluster.
    ...(report.address && report.address !== report.url ? [['Within', report.address]] : []),
    ...report.revisions.flatMap(({ delivery }) => (delivery ? [['Delivery', delivery]] : [])).slice(0, 1),
  ];
  return [
    `${namespace ? `${namespace}/` : ''}${name}: ${state}${ready ? '' : ', not ready'}\n`,
    `  ${stateWords(report)}\n\n`,
    indented(table(facts), '  '),
    ...(report.revisions.length > 0
      ? ['\n', indented(table([revisionHead, ...report.revisions.map(row)]), '  ')]
      : []),
    ...(causes.length > 0 ? ['\n  Why, from the root cause upward:\n', tree(causes)] : []),
  ].join('');
}

const revisionHead = ['REVISION', 'TRAFFIC', 'STATE', 'REPLICAS', 'RUNTIME'];
const row = ({ name, percent, state, replicas, desired, runtime }: RevisionReport) => [
  name,
  `${percent} %`,
  state,
  desired === replicas ? `${replicas}` : `${replicas} of ${desired}`,
  runtime ?? '-',
];

/** What happens now, and what will. */
function stateWords({ state, available, revisions }: Report): string {
  switch (state) {
    case 'Asleep':
      return 'No pod runs. The next request wakes it.';
    case 'Starting':
      return 'Its first pods are starting.';
    case 'Waking':
      return 'A request came, and its pods are starting.';
    case 'Awake':
      return `${pods(revisions)} serve. It falls asleep when nobody asks, unless spec.scale.min keeps it awake.`;
    case 'RollingOut':
      return 'What it was serves until the newest revision is ready.';
    case 'Failed':
      return available
        ? 'The newest revision failed; the one before it serves.'
        : 'It cannot serve before somebody changes something.';
    case 'Unknown':
      return 'The operator has said nothing of it yet.';
  }
}

function pods(revisions: readonly RevisionReport[]): string {
  const count = revisions.reduce((sum, { replicas }) => sum + replicas, 0);
  return count === 1 ? '1 pod' : `${count} pods`;
}

/** Each cause below what it causes would read upside down; so each is hung below its own cause. */
function tree(causes: readonly Cause[]): string {
  return causes
    .map(({ kind, name, reason, message }, depth) => {
      const indent = ' '.repeat(4 + Math.max(0, depth - 1) * 3);
      return `${indent}${depth === 0 ? '' : '└─ '}${kind} ${name}: ${reason}${message ? `: ${oneLine(message)}` : ''}\n`;
    })
    .join('');
}

const oneLine = (text: string) => text.trim().replaceAll(/\s*\n\s*/g, ' | ');
