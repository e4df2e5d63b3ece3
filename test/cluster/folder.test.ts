import { expect, test } from 'vitest';
import { clusterFolder } from './folder.ts';

test.each(['default', 'a', 'run-2'])('%s can be the name of a cluster', (name) => {
  expect(clusterFolder(name).path.endsWith(`/clusters/${name}`)).toBe(true);
});

test.each(['', '-a', 'a-', 'A', 'a/b', '..', 'a'.repeat(33)])(
  '%j cannot be the name of a cluster',
  (name) => {
    expect(() => clusterFolder(name)).toThrow("cannot be a cluster's name");
  },
);
