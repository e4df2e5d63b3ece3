import fc from 'fast-check';
import { mostly, someOf } from './mostly.ts';
import { objectName } from './names.ts';

const label = fc.record({
  team: mostly(fc.constantFrom('risk', '', 'a_b.c'), fc.constantFrom('a b', '-a', 'x'.repeat(64))),
});

/** What belongs to pods, as far as the API server checks it too. */
const everywhere = someOf({
  labels: label,
  annotations: fc.constant({ 'example.com/note': 'any text' }),
  serviceAccountName: objectName,
  automountServiceAccountToken: fc.boolean(),
  imagePullSecrets: mostly(
    fc.uniqueArray(fc.record({ name: objectName }), { maxLength: 2, selector: ({ name }) => name }),
    fc.constant([{ name: 'a' }, { name: 'a' }]),
  ),
});

/** What a Knative as it is shipped does not let through, or wants to be mounted. */
const guarded = someOf({
  nodeSelector: label,
  tolerations: mostly(
    fc.constant([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]),
    fc.constantFrom([{ operator: 'Is' }], [{ effect: 'Never' }], [{ surprise: 1 }]),
  ),
  runtimeClassName: objectName,
  priorityClassName: objectName,
  volumes: mostly(
    fc.constantFrom([], [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }]),
    fc.constantFrom<unknown[]>(
      [{ name: 'a' }],
      [{ name: 'A', emptyDir: {} }],
      [{ name: 'a', emptyDir: {}, secret: { secretName: 'b' } }],
      [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    ),
  ),
});

export const pod = fc.oneof({ weight: 9, arbitrary: everywhere }, { weight: 1, arbitrary: guarded });
