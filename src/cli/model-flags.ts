import { openAgainst } from './cluster/against.ts';
import { operatorSettings } from './cluster/operator-settings.ts';
import type { ClusterFlags } from './controller/command.ts';
import { PlainError } from './errors.ts';
import type { RenderOptions } from './render/render.ts';

/** What the command line says to a command that reads models. */
export interface ModelFlags extends ClusterFlags {
  readonly filename: string[];
  readonly namespace?: string;
  readonly against?: string;
  readonly config?: string;
}

type Options = Pick<RenderOptions, 'files' | 'namespace' | 'against' | 'given'>;

/** Does something with what the flags stand for, and closes it. */
export async function withModelFlags<T>(
  { filename: files, namespace, against: source, config, kubeconfig, context }: ModelFlags,
  act: (options: Options) => Promise<T>,
): Promise<T> {
  if (source === '-' && files.includes('-'))
    throw new PlainError('--against and -f cannot both be standard input: save one of them to a file');
  const given = await operatorSettings(config);
  const against = await openAgainst({ source, kubeconfig, context });
  try {
    return await act({ files, namespace, against, given });
  } finally {
    await against.close();
  }
}
