import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { connect } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';
import { down, up } from '../cluster/cluster.ts';
import { progress } from '../cluster/progress.ts';
import { installKserve } from '../kserve/manager.ts';
import { type Phase, phases, type Scenario, type Settings, scenarios } from './bench.ts';
import { create } from './create.ts';
import { Figures } from './figures.ts';
import { preparePod } from './operator.ts';
import { payloads } from './payload.ts';
import { Requests } from './requests.ts';
import { synthesis } from './synthesis.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));
const { signal } = interrupted;
const { say } = progress(console.log);
const figures = new Figures(say);

interface Flags extends Settings {
  /** Of the cluster. */
  readonly name: string;
  readonly n: readonly number[];
  readonly knative?: Scenario['knative'];
  readonly rounds?: number;
  readonly kserve: boolean;
  readonly json?: string;
}

const numbers = (text: string): number[] => text.split(',').map(positive);
const program = new Command('bench')
  .description('Measures the operator beside a plain client and KServe, on a control plane of its own.')
  .option('--name <name>', 'name of the cluster: several can run side by side', 'bench-cp')
  .option('--n <numbers>', 'which numbers of models', numbers, [...new Set(scenarios.map(({ n }) => n))])
  .addOption(new Option('--knative <extent>', 'only with so much of Knative').choices(['webhook', 'all']))
  .addOption(new Option('--only <phases...>', 'what to measure').choices(phases).default([...phases], 'all'))
  .option(
    '--rounds <number>',
    'how often each side creates all models (default: fewer, the more models)',
    positive,
  )
  .option('--concurrency <number>', 'requests of the plain client at a time', positive, 10)
  .option('--rest <seconds>', 'how long the operator is watched doing nothing', positive, 600)
  .option('--changes <number>', 'models made and changed one after the other', positive, 100)
  .option('--no-kserve', 'leave KServe out')
  .option('--profile <folder>', 'write profiles of the operator there')
  .option('--json <file>', 'write all figures there too');

program.action(async (flags: Flags) => {
  const chosen = scenarios
    .filter(({ n, knative }) => flags.n.includes(n) && knative === (flags.knative ?? knative))
    .map(({ kserve, ...scenario }) => ({
      ...scenario,
      ...(flags.kserve && kserve && { kserve }),
      rounds: flags.rounds ?? scenario.rounds,
    }));
  try {
    explain(flags);
    if (flags.only.includes('synthesis')) synthesis(figures);
    const onCluster = flags.only.some((phase: Phase) => phase !== 'synthesis');
    for (const knative of ['webhook', 'all'] as const) {
      const some = chosen.filter((scenario) => scenario.knative === knative);
      if (some.length > 0 && onCluster) await run(some, knative, flags);
    }
  } finally {
    figures.print();
    if (flags.json) await figures.write(flags.json, flags);
  }
});

try {
  await program.parseAsync();
} catch (error) {
  console.error(signal.aborted ? signal.reason.message : error);
  process.exitCode = signal.aborted ? 130 : 1;
}

/** Runs scenarios on one API server that nothing else uses. */
async function run(some: readonly Scenario[], knative: Scenario['knative'], flags: Flags): Promise<void> {
  const { name } = flags;
  const scratch = await mkdtemp(join(tmpdir(), 'dormouse-bench-'));
  try {
    const programs = knative === 'webhook' ? { knative: ['webhook'] as const } : {};
    const cluster = await up({ name, size: 'control-plane', fresh: true, log: say, signal, ...programs });
    const client = new RestClient(await connect({ kubeconfig: cluster.kubeconfig, env: {} }));
    const bench = {
      cluster: name,
      settings: flags,
      client,
      pod: await preparePod(cluster, scratch),
      requests: new Requests(cluster.auditLog ?? ''),
      kserve: once(() => installKserve(cluster, scratch, say, signal)),
      figures,
      say,
      signal,
    };
    for (const scenario of some) {
      say(
        `${scenario.n} models, ${knative === 'all' ? 'all of Knative' : "Knative's webhook only"}${load()}`,
      );
      await bench.requests.quiet(signal);
      await create(bench, scenario);
    }
  } finally {
    await down({ name, fresh: true });
    await rm(scratch, { recursive: true });
  }
}

function explain({ concurrency }: Flags): void {
  const bytes = Object.entries(payloads).map(
    ([what, { make }]) => `${what} ${JSON.stringify(make('bench-1', 1000)).length} bytes`,
  );
  say(`${concurrency} requests at a time; payloads: ${bytes.join(', ')}${load()}`);
}

function load(): string {
  return `; load of the machine ${loadavg()[0]?.toFixed(1)}`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Not a positive whole number.');
  return number;
}
