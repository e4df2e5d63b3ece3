import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { connect } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';
import { down, up } from '../cluster/cluster.ts';
import { manifests } from '../support/install.ts';
import { runKubectl } from '../support/kubectl.ts';
import { attack } from './attack.ts';
import { startOperator } from './operator.ts';
import { withoutRegistries } from './registries.ts';

// Thousands of good, bad and hostile models against an operator that runs, and what each was told.
const name = 'input';
const program = new Command('test:input')
  .description('Makes thousands of good, bad and hostile InferenceModels while the operator runs.')
  .option('--runs <number>', 'models to make', whole, 10_000)
  .option('--seed <number>', 'what all chance follows from', whole, Math.floor(Math.random() * 2 ** 31));
program.parse();
const { runs, seed } = program.opts<{ readonly runs: number; readonly seed: number }>();

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}.`)));
const { signal } = interrupted;

try {
  const cluster = await up({ name, size: 'control-plane', fresh: true, signal });
  for (const file of ['crds.yaml', 'install.yaml', 'runtimes.yaml'])
    await runKubectl(cluster, ['apply', '-f', join(manifests, file)]);
  const connection = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  await withoutRegistries(new RestClient(connection));
  await using operator = await startOperator(cluster.kubeconfig);
  console.log(`cluster "${name}" is up; seed ${seed}`);
  const { check } = operator;
  const tally = await attack({ connection, runs, seed, say: console.log, check, signal });

  console.table(tally.table());
  for (const { sentence, example, count } of tally.sentences())
    console.log(
      `${String(count).padStart(6)}  ${sentence}\n${' '.repeat(8)}such as: ${JSON.stringify(example.slice(0, 400))}`,
    );
  console.log(operator.summary());
  for (const failure of tally.failures) console.error(`FAILED: ${failure}`);
  console.log(`${tally.failures.length} failures`);
  process.exitCode = tally.failures.length > 0 ? 1 : 0;
} finally {
  await down({ name, fresh: true });
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('Not a whole number.');
  return number;
}
