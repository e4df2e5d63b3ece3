import { defineConfig } from 'vitest/config';

const controlPlane = 'test/control-plane/**/*.test.ts';
const node = 'test/node/**/*.test.ts';
const storage = 'test/storage/**/*.test.ts';
const packaging = 'test/{charts,package}/**/*.test.ts';
const gitops = 'test/gitops/**/*.test.ts';
const kserve = 'test/kserve/**/*.test.ts';
/** A cluster or a server is shared by its tests, or a processor by much work; they run one file after the other: two cores are few. */
const onServers = { fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 };

// Run from the root of the repository.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [packaging, controlPlane, gitops, kserve, node, storage],
        },
      },
      {
        test: { name: 'packaging', include: [packaging], globalSetup: 'test/package/setup.ts', ...onServers },
      },
      { test: { name: 'storage', include: [storage], globalSetup: 'test/storage/setup.ts', ...onServers } },
      { test: { name: 'gitops', include: [gitops], globalSetup: 'test/gitops/setup.ts' } },
      {
        test: {
          name: 'control-plane',
          include: [controlPlane],
          globalSetup: 'test/control-plane/setup.ts',
          ...onServers,
        },
      },
      { test: { name: 'kserve', include: [kserve], globalSetup: 'test/kserve/setup.ts', ...onServers } },
      { test: { name: 'node', include: [node], globalSetup: 'test/node/setup.ts', ...onServers } },
    ],
  },
});
