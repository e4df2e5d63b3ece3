import { expect, it } from 'vitest';
import { connect } from '#kube/client/connection.ts';
import { attack } from '../input/attack.ts';
import { withoutRegistries } from '../input/registries.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { runOperator } from '../support/operator.ts';

// `npm run test:input` has thousands. Nobody wants them in a cluster of their own.
it.skipIf(process.env.KUBECONFIG)(
  'a model is refused in a sentence or gets its Service, whatever is written in it and in those beside it',
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    await using _ = await withoutRegistries(await adminClient());
    await using __ = await runOperator();
    const connection = await connect({ kubeconfig: cluster().kubeconfig, env: {} });
    const tally = await attack({ connection, runs: 200, seed });
    console.table(tally.table());
    expect(tally.failures, `seed ${seed}`).toEqual([]);
    expect(tally.table().all?.accepted).toBeGreaterThan(20);
  },
);
