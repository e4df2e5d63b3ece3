import { PlainError } from './action.ts';
import { openBaseline } from './cluster/baseline.ts';
import { readOperatorSettings } from './cluster/installed-operator.ts';
import type { ClusterFlags } from './controller/command.ts';
import type { RenderOptions } from './render/render.ts';

/** Flags of a command that reads models. */
export interface ModelFlags extends ClusterFlags {
  readonly filename: string[];
  readonly namespace?: string;
  readonly against?: string;
  readonly config?: string;
}

type Options = Pick<RenderOptions, 'files' | 'namespace' | 'baseline' | 'operatorSettings'>;

/** Opens what the flags name, calls `act` with it, and closes it. */
export async function withModelFlags<T>(
  { filename: files, namespace, against: source, config, kubeconfig, context }: ModelFlags,
  act: (options: Options) => Promise<T>,
): Promise<T> {
  if (source === '-' && files.includes('-'))
    throw new PlainError('--against and -f cannot both be standard input: save one of them to a file');
  const operatorSettings = await readOperatorSettings(config);
  const baseline = await openBaseline({ source, kubeconfig, context });
  try {
    return await act({ files, namespace, baseline, operatorSettings });
  } finally {
    await baseline.close();
  }
}
