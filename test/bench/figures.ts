import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** One thing measured. */
export interface Figure {
  /** Models at once. */
  readonly n: number;
  readonly what: string;
  readonly value: number;
  readonly unit: 's' | 'ms' | 'us' | 'MB' | 'x' | 'ms each' | 'a model' | 'requests' | '1/s' | 'kB';
  /** At most that is the target. */
  readonly target?: number;
  /** What it is made of. */
  readonly of?: Readonly<Record<string, number>>;
}

/** Collects what was measured and shows it as it comes. */
export class Figures {
  readonly #figures: Figure[] = [];
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  add(figure: Figure): void {
    this.#figures.push(figure);
    this.#say(`  ${figure.what}: ${shown(figure.value)} ${figure.unit}${details(figure)}`);
  }

  print(): void {
    const rows = this.#figures.map((figure) => [
      String(figure.n),
      figure.what,
      `${shown(figure.value)} ${figure.unit}`,
      figure.target === undefined ? '' : `<= ${figure.target}`,
      verdict(figure),
    ]);
    const all = [['N', 'what', 'measured', 'target', ''], ...rows];
    const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of all)
      console.log(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      );
  }

  async write(file: string, settings: object): Promise<void> {
    const machine = {
      processors: cpus().length,
      model: cpus()[0]?.model,
      memory: totalmem(),
      kernel: release(),
    };
    const figures = this.#figures.map((figure) => ({ ...figure, reached: verdict(figure) || undefined }));
    const content = { machine, node: process.version, load: loadavg(), settings, figures };
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
  }
}

function verdict({ value, target }: Figure): '' | 'reached' | 'missed' {
  if (target === undefined) return '';
  return value <= target ? 'reached' : 'missed';
}

const shown = (value: number): string =>
  value === 0 || Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

function details({ of = {} }: Figure): string {
  const parts = Object.entries(of).map(([name, value]) => `${name} ${shown(value)}`);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
