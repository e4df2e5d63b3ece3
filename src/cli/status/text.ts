import { stateStyles } from '../get/get.ts';
import { counted, indented, plainScreen, type Screen, table, wrapped } from '../terminal/output.ts';
import type { Cause } from './cause.ts';
import type { Report, RevisionReport, ScaleReport } from './report.ts';

/** A report for people. */
export function reportText(report: Report, screen: Screen = plainScreen): string {
  const { name, namespace, state, ready, causes, hint, log } = report;
  const { paint, width } = screen;
  const inner = { ...screen, width: width && width - 2 };
  const style = stateStyles[state];
  const facts = [
    ...(report.uri ? [['Model', report.uri]] : []),
    ['Server', report.server],
    ['URL', report.url ? `${report.url} (${report.visibility})` : '-'],
    // The URL of a model that is not public is that within the cluster.
    ...(report.address && report.address !== report.url ? [['Within', report.address]] : []),
    ...report.revisions.flatMap(({ delivery }) => (delivery ? [['Delivery', delivery]] : [])).slice(0, 1),
    ...(report.restarts > 0
      ? [['Restarts', `${report.restarts}${report.lastRestart ? `: ${report.lastRestart}` : ''}`]]
      : []),
  ];
  const paragraph = (text: string, indent = 2) => `${' '.repeat(indent)}${wrapped(text, width, indent)}\n`;
  return [
    `${namespace ? `${namespace}/` : ''}${name}: ${style ? paint(style, state) : state}${ready ? '' : ', not ready'}\n`,
    paragraph(stateText(report)),
    '\n',
    // Values are there to be copied.
    indented(table(facts), '  '),
    ...(report.revisions.length > 0
      ? ['\n', indented(table([revisionHead, ...report.revisions.map(row)], inner), '  ')]
      : []),
    ...(causes.length > 0 ? ['\n  Why, from the root cause upward:\n', tree(causes, width)] : []),
    ...(hint ? ['\n', paragraph(`Hint: ${hint}.`)] : []),
    ...(log && log.lines.length > 0
      ? [`\n  Log of container ${log.container}:\n`, log.lines.map((line) => `    ${line}\n`).join('')]
      : []),
    ...(log ? [`\n  To read ${log.lines.length > 0 ? 'all of it' : 'its log'}: ${log.command}\n`] : []),
    ...(state === 'Failed' ? [`\n  To try again: dormouse restart ${name}\n`] : []),
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
function stateText({ name, state, available, revisions, scale }: Report): string {
  switch (state) {
    case 'Asleep':
      return 'No pod runs. The next request wakes it.';
    case 'Starting':
      return 'Its first pods are starting.';
    case 'Waking':
      return 'A request came, and its pods are starting.';
    case 'Awake':
      return awakeText(revisions, scale);
    case 'RollingOut':
      return 'What it was serves until the newest revision is ready.';
    case 'Failed':
      return available
        ? 'The newest revision failed; the one before it serves.'
        : `It does not serve. Change what is wrong; where that is not in the model itself, "dormouse restart ${name}" tries again.`;
    case 'Unknown':
      return 'The operator has not reported on it yet.';
  }
}

/** The bounds are named where they are reached: further requests wait. */
function awakeText(revisions: readonly RevisionReport[], scale: ScaleReport): string {
  const { minReplicas, maxReplicas, containerConcurrency } = scale;
  const count = revisions.reduce((sum, { replicas }) => sum + replicas, 0);
  const isFull = maxReplicas !== undefined && count >= maxReplicas;
  const of = isFull ? `${count} of at most ${counted(maxReplicas, 'pod')}` : counted(count, 'pod');
  const each = containerConcurrency
    ? ` Each takes ${counted(containerConcurrency, 'request')} at a time (containerConcurrency)${isFull ? ', and further ones wait' : ''}.`
    : '';
  const sleep =
    minReplicas > 0 ? `At least ${minReplicas} stay awake.` : 'It falls asleep when no requests come.';
  return `${of} ${count === 1 ? 'serves' : 'serve'}.${each} ${sleep}`;
}

/** Each cause below what it causes would read upside down; so each is hung below its own cause. */
function tree(causes: readonly Cause[], width: number | undefined): string {
  return causes
    .map(({ kind, name, reason, message }, depth) => {
      const indent = ' '.repeat(4 + Math.max(0, depth - 1) * 3);
      const branch = depth === 0 ? '' : '└─ ';
      const text = `${kind} ${name}: ${reason}${message ? `: ${oneLine(message)}` : ''}`;
      return `${indent}${branch}${wrapped(text, width, indent.length + branch.length)}\n`;
    })
    .join('');
}

const oneLine = (text: string) => text.trim().replaceAll(/\s*\n\s*/g, ' | ');
