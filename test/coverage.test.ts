import { expect, it } from 'vitest';
import { coverageFlags, coverageOf, minLinePercent } from './coverage.ts';

const percentOf = (room: string, files: Parameters<typeof coverageOf>[0]) =>
  coverageOf(files, '/repo/src').find((found) => found.room === room)?.percent;

it('the lines of a room are those of all its files', () => {
  const files = {
    '/repo/src/synth/a.ts': { lines: { covered: 10, total: 10 } },
    '/repo/src/synth/pod/b.ts': { lines: { covered: 5, total: 10 } },
    '/repo/src/status/c.ts': { lines: { covered: 0, total: 4 } },
  };
  expect(percentOf('synth', files)).toBe(75);
  expect(percentOf('status', files)).toBe(0);
});

it('a room that no test touches has no coverage', () => {
  expect(percentOf('plan', {})).toBeLessThan(minLinePercent);
});

it('vitest measures the pure rooms alone', () => {
  expect(coverageFlags('/tmp/x')).toContain(
    '--coverage.include=src/{api,decision,import,knative,plan,status,synth}/**',
  );
});
