import fc from 'fast-check';
import { someOf } from '../support/arbitraries/mostly.ts';
import { modelName } from '../support/arbitraries/spec.ts';
import { manifest } from '../support/models.ts';
import { model, name, oddText, oddValue, spec, written } from './odd.ts';

const labels = {
  'dormouse.dev/model': fc.constantFrom('canary', '', 'x'.repeat(63)),
  'app.kubernetes.io/managed-by': fc.constant('dormouse'),
  'serving.knative.dev/service': fc.constant('canary'),
};
const annotations = {
  'dormouse.dev/intent': fc.constantFrom('aaaaaaaaaa', ''),
  'dormouse.dev/refresh': fc.oneof(oddText, fc.constant('x'.repeat(200_000))),
  'dormouse.dev/applied': fc.constant('aaaaaaaaaa'),
  'dormouse.dev/runtime': fc.constant('none@0'),
  'dormouse.dev/delivery': fc.constant('teleport'),
  'serving.knative.dev/creator': fc.constant('admin'),
  'autoscaling.knative.dev/max-scale': fc.constant('-1'),
};

/** Labels and annotations in which a user says what only the operator has to say. They count for nothing. */
export const forgedLabels = fc
  .tuple(model, someOf(labels), someOf(annotations))
  .map(([object, labels, annotations]) =>
    written({ ...object, metadata: { ...(object.metadata as object), labels, annotations } }),
  );

const field = (key: string, ...values: readonly unknown[]) =>
  fc.constantFrom(...values).map((value) => ({ [key]: value }));

/** Metadata in which a user says what only the API server has to say. */
export const forgedMetadata = fc
  .tuple(
    spec,
    name,
    fc.oneof(
      field('generateName', 'gen-', 'Gen', 'x'.repeat(60), 'gen').map((fields) => ({
        ...fields,
        name: undefined,
      })),
      field('generateName', 'gen-'),
      field('uid', '00000000-0000-0000-0000-000000000000', ''),
      field('resourceVersion', '', '1', 'x'),
      field('generation', 0, 99, -1),
      field('creationTimestamp', null, '2001-01-01T00:00:00Z', 'yesterday'),
      field('deletionTimestamp', '2001-01-01T00:00:00Z'),
      field('managedFields', [], [{ manager: 'dormouse', operation: 'Apply' }], null),
      field('namespace', '', 'kube-system', 'no such'),
      field('selfLink', '/'),
      field('ownerReferences', [{}], [{ apiVersion: 'v1', kind: 'Node', name: 'a', uid: '' }]),
    ),
  )
  .map(([body, chosen, fields]) => written(manifest(body, { name: chosen, ...fields })));

/** A status that a user wrote. */
export const forgedStatus = fc.tuple(model, oddValue).map(([object, odd]) =>
  written({
    ...object,
    status: {
      observedGeneration: 1,
      state: 'Awake',
      url: 'http://elsewhere.example',
      replicas: 99,
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Forged', message: 'x', lastTransitionTime: odd },
      ],
    },
  }),
);

/** Names at their bounds and beyond. */
export const edgeName = fc
  .tuple(
    spec,
    fc.oneof(
      modelName,
      oddText,
      fc.constantFrom<unknown[]>(
        ...[
          'a',
          'a-0',
          '0a',
          'a.b',
          'A',
          'a_b',
          'x'.repeat(48),
          'x'.repeat(49),
          'x'.repeat(253),
          null,
          1,
          {},
        ],
      ),
    ),
  )
  .map(([body, chosen]) => written(manifest(body, { name: chosen })));
