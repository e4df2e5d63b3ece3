import type { ContainerOfDeployment, DeploymentObject } from '#cli/cluster/installed-operator.ts';

export interface OperatorObject extends ContainerOfDeployment {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The Deployment of an operator with these flags, as Helm and manifests/ make it. */
export const operatorObject = (
  flags: readonly string[] = [],
  { namespace = 'dormouse-system', labels, ...container }: OperatorObject = {},
): DeploymentObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace, name: 'dormouse', labels: { 'app.kubernetes.io/name': 'dormouse', ...labels } },
  spec: {
    template: {
      spec: { containers: [{ name: 'controller', args: ['controller', ...flags], ...container }] },
    },
  },
  status: { readyReplicas: 1 },
});
