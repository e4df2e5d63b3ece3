import { loadConfig } from '../config/load.ts';
import type { Environment } from '../synth/environment.ts';
import { readConfig } from './controller-command.ts';

/**
 * What the operator is told at its start and synthesis must know: from the file of `dormouse controller --config`, or
 * as it is without one.
 * @throws ConfigError
 */
export async function operatorSettings(
  file: string | undefined,
): Promise<Pick<Environment, 'fetcherImage' | 'allowance'>> {
  const given = file === undefined ? undefined : { name: file, text: await readConfig(file) };
  const { fetcherImage, allow } = loadConfig(given, []);
  return { fetcherImage, allowance: allow };
}
