import { expect, test } from 'vitest';
import { type Ownership, ownershipOf } from '#decision/ownership.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { model } from '../support/models.ts';

const service = (metadata: object) => synthesize(model({}, metadata), environment());
const one = { metadata: { name: 'iris', uid: 'one' } };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'iris', uid: 'one', controller: true };
const owned = (...ownerReferences: object[]) => ({ metadata: { name: 'iris', ownerReferences } });

test.each<[string, object, typeof one | undefined, Ownership]>([
  ['of the model', service({ uid: 'one' }), one, 'ours'],
  ['of a deleted model of this name', service({ uid: 'other' }), one, 'left-behind'],
  ['of a model of this name, where none is known', service({ uid: 'other' }), undefined, 'ours'],
  ['that nobody owns', owned(), one, 'taken'],
  ['that was rendered', service({}), one, 'taken'],
  ['of something else', owned(deployment), one, 'taken'],
  [
    'of another model',
    owned({ ...service({ uid: 'one' }).metadata.ownerReferences?.[0], name: 'rose' }),
    one,
    'taken',
  ],
])('a Service %s', (_, found, stored, expected) => {
  expect(ownershipOf(found as never, stored)).toBe(expected);
});
