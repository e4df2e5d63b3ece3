import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change, Store } from '#kube/cache/store.ts';
import { type ConfigMap, configMap } from '../fixtures.ts';

const object = fc
  .record({ name: fc.constantFrom('a', 'b', 'c', 'd'), version: fc.integer({ min: 1, max: 5 }) })
  .map(({ name, version }) => configMap(name, `${version}`, { team: `team-${version % 2}` }));

const operation = fc.oneof(
  object.map((o) => ({ do: 'apply' as const, objects: [o] })),
  object.map((o) => ({ do: 'delete' as const, objects: [o] })),
  fc.array(object).map((objects) => ({ do: 'relist' as const, objects })),
);

const byName = (objects: Iterable<ConfigMap>) =>
  [...objects].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
const byKey = (objects: readonly ConfigMap[]) =>
  new Map(objects.map((o) => [`default/${o.metadata.name}`, o]));

test('whatever happens, the changes told add up to what the store holds, in the indexes too', () =>
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const store = new Store<ConfigMap>({ indexes: { team: (o) => [o.data?.team ?? ''] } });
      let expected = new Map<string, ConfigMap>();
      const told = new Map<string, ConfigMap>();
      const replay = ({ key, before, after }: Change<ConfigMap>): void => {
        expect(told.get(key)).toBe(before);
        expect(after).not.toBe(before);
        if (after) told.set(key, after);
        else told.delete(key);
      };
      for (const { do: what, objects } of operations) {
        if (what === 'relist') {
          expected = byKey(objects);
          store.replace(new Map([...expected].map(([key, o]) => [key, store.admit(o)]))).forEach(replay);
        } else if (what === 'apply') {
          for (const [key, o] of byKey(objects)) expected.set(key, o);
          for (const o of objects) store.apply(o).forEach(replay);
        } else {
          for (const key of byKey(objects).keys()) expected.delete(key);
          for (const o of objects) store.delete(o).forEach(replay);
        }
      }
      expect(byName(store.list())).toEqual(byName(expected.values()));
      expect(told).toEqual(expected);
      for (const team of ['team-0', 'team-1']) {
        const members = [...expected.values()].filter((o) => o.data?.team === team);
        expect(byName(store.byIndex('team', team))).toEqual(byName(members));
      }
    }),
  ));

describe('Store', () => {
  test('keeps objects frozen through and through, without managedFields', () => {
    const store = new Store<ConfigMap>();
    const sent = configMap('a', '1', { x: '1' });
    store.apply({
      ...sent,
      metadata: { ...sent.metadata, managedFields: [{ manager: 'm', operation: 'Apply' }] },
    });
    const kept = store.get('default/a');
    expect(kept).toEqual(sent);
    expect(() => Object.assign(kept?.data ?? {}, { x: '2' })).toThrow(TypeError);
  });

  test('a version it already has is no change', () => {
    const store = new Store<ConfigMap>();
    store.apply(configMap('a', '1'));
    expect(store.apply(configMap('a', '1'))).toEqual([]);
  });

  test('an object deleted and made again under its name is a change', () => {
    const store = new Store<ConfigMap>();
    const old = configMap('a', '1');
    store.apply(old);
    const made = { ...old, metadata: { ...old.metadata, uid: 'other' } };
    expect(store.apply(made)).toEqual([{ key: 'default/a', before: old, after: made }]);
  });

  test('finds objects by an index, and knows no other', () => {
    const store = new Store<ConfigMap>({
      indexes: { namespace: ({ metadata }) => [metadata.namespace ?? ''] },
    });
    store.apply(configMap('a', '1'));
    store.apply({ ...configMap('b', '2'), metadata: { name: 'b', namespace: 'other', uid: 'b' } });
    expect(store.byIndex('namespace', 'other').map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(() => store.byIndex('namespaces', 'other')).toThrow('no index "namespaces"');
  });
});
