import { loadConfig } from '#config/load.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { readConfig } from '../controller/command.ts';
import { givenBy } from './installed-operator.ts';

/**
 * What the operator is told at its start and synthesis must know, from the file of `dormouse controller --config`;
 * nothing without one.
 * @throws ConfigError
 */
export async function operatorSettings(file: string | undefined): Promise<OperatorSettings | undefined> {
  if (file === undefined) return undefined;
  return givenBy(loadConfig({ name: file, text: await readConfig(file) }, []));
}
