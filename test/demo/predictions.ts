import type { Ingress } from '../support/inference.ts';
import { predict } from '../support/inference.ts';

const flowers = ['setosa', 'versicolor', 'virginica'];

/** Asks the iris model, and says what each prediction means. */
export async function askIris(ingress: Ingress, url: string, rows: readonly (readonly number[])[]) {
  const { predictions, ms } = await predict(ingress, url, 'iris', rows);
  const names = predictions.map((prediction) => flowers[prediction] ?? `class ${prediction}`);
  return { predictions, names, ms };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
