import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Fault, faults } from '../faults/faults.ts';
import { openRig, type Rig } from '../faults/rig.ts';
import { runRounds } from '../faults/run.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { namespace } from '../support/namespace.ts';

// `npm run test:faults` has many rounds of all faults. Only a local cluster can be harmed, and its log says what it was.
describe.skipIf(process.env.KUBECONFIG)('everything is as it was asked for', () => {
  const stack = new AsyncDisposableStack();
  let rig: Rig;

  beforeAll(async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'dormouse-faults-'));
    stack.defer(() => rm(scratch, { recursive: true }));
    const { name } = stack.use(await namespace(await adminClient()));
    rig = stack.use(await openRig({ cluster: cluster(), scratch, namespaces: [name], operators: 1 }));
  });
  afterAll(() => stack.disposeAsync());

  it.each([
    ['an API server that was killed', 'API server killed'],
    ['answers that were lost', 'answer lost'],
    ['watches that expired', 'watch expired'],
    ['an operator that was killed as it wrote', 'killed after a write'],
  ])('after %s', async (_, fault) => {
    const only = { [fault]: faults[fault] as Fault };
    const seed = Math.floor(Math.random() * 2 ** 31);
    await runRounds(rig, { seed, rounds: 1, slots: 6, operations: 9, faults: only, say: console.log });
  });
});
