import { join } from 'node:path';
import { manifests } from '../support/install.ts';
import { ask } from './programs.ts';

/** What Flux and Argo CD say of one object. */
export interface Verdicts {
  readonly flux: {
    readonly status: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'Unknown';
    readonly message: string;
  };
  readonly argocd: {
    readonly status: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Unknown';
    readonly message?: string;
  };
}

export const good = 'Current Healthy';
export const underWay = 'InProgress Progressing';
export const failed = 'Failed Degraded';

/**
 * The verdicts on each object, those of Argo CD with the settings of manifests/, and those of Flux with a Kustomization,
 * where its file is given.
 */
export async function verdictsOn(objects: readonly object[], kustomization?: string): Promise<Verdicts[]> {
  const [flux, argocd] = await Promise.all([
    ask<Verdicts['flux']>('kstatus', objects, ...(kustomization ? [kustomization] : [])),
    ask<Verdicts['argocd']>('argocd-health', objects, join(manifests, 'argocd/argocd-cm.yaml')),
  ]);
  return flux.map((verdict, index) => ({ flux: verdict, argocd: argocd[index] as Verdicts['argocd'] }));
}

/** Both in a line, such as `Current Healthy`. */
export const brief = ({ flux, argocd }: Verdicts): string => `${flux.status} ${argocd.status}`;

/** Those in lines, each as long as it lasted. */
export async function course(objects: readonly object[], kustomization?: string): Promise<string[]> {
  const lines = (await verdictsOn(objects, kustomization)).map(brief);
  return lines.filter((line, index) => line !== lines[index - 1]);
}
