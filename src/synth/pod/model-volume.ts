import type { PodContext } from './part.ts';
import { serverScript } from './shell.ts';

/** The folder of models in the file system of a server. */
export const volumeFolder = '/mnt/models';

/** The name of the volume with the model. */
export const modelVolume = 'dormouse-model';

/** The server's own command in a shell, where its runtime has one and says the command. */
export function inShell(
  { container: { command = [], args = [] }, runtime }: PodContext['server'],
  before = '',
) {
  if (runtime?.spec.shell === 'Absent' || command.length === 0) return {};
  return {
    command: ['/bin/sh', '-c', `${before}${serverScript}`, 'sh', ...command, ...args],
    args: undefined,
  };
}
