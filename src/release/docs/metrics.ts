import { makeMetrics } from '#metrics/metrics.ts';
import { markdownTable } from './table.ts';

/** Of the process and of Node.js, as prom-client has them everywhere. */
const common = /^(process|nodejs)_/;

/** The table of the operator's own metrics, in Markdown, from what a scrape says of them. */
export async function metricsTable(): Promise<string> {
  const metrics = makeMetrics();
  metrics.controller('any', 1);
  metrics.caches([], () => []);
  metrics.leader('any', () => true);
  const heads = [...(await metrics.text()).matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$/gm)];
  const rows = heads
    .map(([, name = '', help = '', type = '']) => [`\`${name}\``, type, help])
    .filter(([name = '']) => !common.test(name.slice(1)))
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return markdownTable(['metric', 'type', 'what it is'], rows);
}
