import type { KnativeServiceObject } from '#knative/objects.ts';
import { modelResource } from '#operator/resources.ts';
import type { Bench } from './bench.ts';
import type { Collection } from './collection.ts';
import { median } from './figures.ts';
import { imageOf, user } from './fill.ts';
import { inSync, startOperator, works } from './operator.ts';
import { inferenceModel, spec } from './payload.ts';

/**
 * How long others wait after the last renewal that they saw, and how long it takes at most until they see one: as the operator
 * sets them by default. A leader that is killed right after a renewal is succeeded after both.
 */
const leaseDurationMs = 15_000;
const maxPauseMs = 2000 * 1.2;
/** A leader that ends by itself sets the Lease free. */
const bounds = { SIGKILL: leaseDurationMs + maxPauseMs, SIGTERM: maxPauseMs };
const actMs = 2000;
const rounds = 3;

/** From the end of the leader to the event that tells of the Service of a model that was changed at that moment. */
export async function failover(
  bench: Bench,
  n: number,
  { namespace, services }: { namespace: string; services: Collection<KnativeServiceObject> },
): Promise<void> {
  const { client, pod, figures, signal } = bench;
  const { name } = inferenceModel(namespace, 0).metadata;
  const lead = async (log: string) => {
    const program = await startOperator(pod, { log });
    await program.says(inSync, signal);
    return program;
  };
  let leader = await lead('leader-0.log');
  try {
    await leader.says(works, signal);
    for (const [how, boundMs] of Object.entries(bounds)) {
      const times: number[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const standby = await lead(`${how}-${round}.log`);
        await standby.idle(signal);
        const image = `${spec.container?.image}-${how.toLowerCase()}-${round}`;
        const ended = performance.now();
        const ending = leader.stop(how as keyof typeof bounds);
        leader = standby;
        await client.patch(modelResource, { namespace, name }, { spec: { container: { image } } }, user);
        const shown = services.shows(`${namespace}/${name}`, (found) => imageOf(found) === image);
        // A machine without time for it makes a leader give up.
        const acted = await Promise.race([shown, standby.end()]);
        times.push((acted - ended) / 1000);
        await ending;
      }
      figures.add({
        n,
        what: `leader ended by ${how}: a change acted on, the slowest of ${rounds}`,
        value: Math.max(...times),
        unit: 's',
        target: (boundMs + actMs) / 1000,
        of: { median: median(times), 'bound of the Lease': boundMs / 1000 },
      });
    }
  } finally {
    await leader[Symbol.asyncDispose]();
  }
}
