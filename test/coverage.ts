import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The rooms of `src` that are pure, so that tests without a cluster must run nearly every line of them. */
const pureRooms = ['api', 'decision', 'import', 'knative', 'plan', 'status', 'synth'] as const;
export const minLinePercent = 95;

/** What vitest is told in order to measure the pure rooms, and to write a summary into a folder. */
export const coverageFlags = (folder: string): string[] => [
  '--coverage.enabled',
  '--coverage.provider=v8',
  '--coverage.reporter=json-summary',
  `--coverage.reportsDirectory=${folder}`,
  `--coverage.include=src/{${pureRooms.join(',')}}/**`,
];

/** Lines of one file, as istanbul's json-summary counts them. */
interface FileSummary {
  readonly lines: { readonly covered: number; readonly total: number };
}

export interface RoomCoverage {
  readonly room: string;
  /** Of the lines of its files. */
  readonly percent: number;
}

/** The coverage of each pure room, out of the summary that vitest has written into a folder. */
export async function readCoverage(folder: string, root: string): Promise<RoomCoverage[]> {
  const { total: _, ...files }: Record<string, FileSummary> = JSON.parse(
    await readFile(join(folder, 'coverage-summary.json'), 'utf8'),
  );
  return coverageOf(files, join(root, 'src'));
}

export function coverageOf(files: Readonly<Record<string, FileSummary>>, src: string): RoomCoverage[] {
  return pureRooms.map((room) => {
    const lines = Object.entries(files).flatMap(([file, { lines }]) =>
      file.startsWith(`${src}/${room}/`) ? [lines] : [],
    );
    const sum = (which: 'covered' | 'total') => lines.reduce((all, counts) => all + counts[which], 0);
    return { room, percent: sum('total') === 0 ? 0 : (100 * sum('covered')) / sum('total') };
  });
}
