import { defineConfig } from 'vitest/config';

const clusters = ['test/control-plane/**/*.test.ts', 'test/node/**/*.test.ts'];

export default defineConfig({
  test: {
    root: '.',
    reporters: ['default'],
    projects: [{ test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: clusters } }],
  },
});
