import fc from 'fast-check';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';

/** One thing that somebody does; `slot` says to which model. */
export type Operation = { readonly slot: number } & (
  | { readonly type: 'put' | 'replace'; readonly spec: InferenceModelSpecInput }
  | { readonly type: 'back' | 'remove' | 'reject' | 'touch' | 'label' | 'deleteChild' | 'tamper' }
);

/** What one round does, and numbers in [0, 1) for whatever its fault leaves to chance. All of it follows from a seed. */
export interface Plan {
  readonly operations: readonly Operation[];
  readonly random: () => number;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Few different ones, so that models often come back to what they were. */
const spec: fc.Arbitrary<InferenceModelSpecInput> = fc
  .record({
    image: fc.integer({ min: 1, max: 3 }),
    env: optional(fc.constantFrom('a', 'b')),
    // Pods are never ready here, and cost much: none is wanted but now and then.
    minReplicas: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, fc.constant(1)),
    maxReplicas: optional(fc.integer({ min: 2, max: 4 })),
    visibility: optional(fc.constantFrom('ClusterLocal' as const, 'Public' as const)),
    // More than a cluster allows that is as Knative ships it.
    request: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, fc.constant('15m')),
  })
  .map(({ image, env, minReplicas, maxReplicas, visibility, request }) => ({
    container: { image: `dev.local/model:${image}`, ...(env && { env: [{ name: 'WORD', value: env }] }) },
    ...((minReplicas ?? maxReplicas) && {
      scale: { ...(minReplicas && { minReplicas }), ...(maxReplicas && { maxReplicas }) },
    }),
    ...(visibility && { access: { visibility } }),
    ...(request && { timeouts: { request } }),
  }));

const operation = (slots: number): fc.Arbitrary<Operation> => {
  const slot = fc.nat(slots - 1);
  const bare = (...types: Exclude<Operation, { spec: unknown }>['type'][]) =>
    fc.record({ slot, type: fc.constantFrom(...types) });
  return fc.oneof(
    { weight: 10, arbitrary: fc.record({ slot, type: fc.constant('put' as const), spec }) },
    { weight: 2, arbitrary: fc.record({ slot, type: fc.constant('replace' as const), spec }) },
    { weight: 2, arbitrary: bare('back') },
    { weight: 2, arbitrary: bare('remove') },
    { weight: 4, arbitrary: bare('label', 'deleteChild', 'tamper', 'touch', 'reject') },
  );
};

/** The plan of a seed, over so many models. */
export function planOf(seed: number, { slots, operations }: { slots: number; operations: number }): Plan {
  const each = fc.array(operation(slots), { minLength: operations, maxLength: operations });
  const chances = fc.infiniteStream(fc.nat(999));
  const [found] = fc.sample(fc.noBias(fc.tuple(each, chances)), { seed, numRuns: 1 });
  if (!found) throw new Error(`no plan came of seed ${seed}`);
  const [list, stream] = found;
  return { operations: list, random: () => (stream.next().value ?? 0) / 1000 };
}
