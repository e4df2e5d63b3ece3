import { ApiObject, type ApiObjectProps, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import {
  type Capability,
  Cpu,
  Deployment,
  ImagePullPolicy,
  LabelSelector,
  Namespace,
  Probe,
  ServiceAccount,
} from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { operatorImage } from '#base/image.ts';
import { grantRights } from './rights.ts';
import { aggregateRoles } from './roles.ts';
import { labels, spread } from './spread.ts';

const name = 'dormouse';
const user = 65532;
/** Where the controller listens if it is not told otherwise. */
const ports = { metrics: 8080, probes: 8081 };
/** Missing from the list of cdk8s-plus-27. */
const all = 'ALL' as Capability;

export interface OperatorProps {
  /** Where the operator runs. */
  readonly namespace?: string;
  /** Where it serves models; everywhere if left out. */
  readonly namespaces?: readonly string[];
}

/** The operator: its namespace, its rights and its Deployment. */
export class Operator extends Chart {
  constructor(
    scope: Construct,
    id: string,
    { namespace = 'dormouse-system', namespaces }: OperatorProps = {},
  ) {
    super(scope, id, { disableResourceNameHashes: true, labels });
    new Namespace(this, 'namespace', {
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    const serviceAccount = new ServiceAccount(this, 'account', { metadata: { name, namespace } });
    aggregateRoles(this);
    grantRights(this, { home: namespace, operator: serviceAccount, namespaces });
    const deployment = new Deployment(this, 'deployment', {
      metadata: { name, namespace },
      // One works, the other has everything in its caches and waits for the Lease.
      replicas: 2,
      // Not by the place in this program, as cdk8s does: a selector can never be changed.
      select: false,
      podMetadata: { labels },
      serviceAccount,
      automountServiceAccountToken: true,
      securityContext: { ensureNonRoot: true, user, group: user },
      containers: [
        {
          name: 'controller',
          image: operatorImage,
          args: [
            'controller',
            `--fetcher-image=${operatorImage}`,
            '--log-level=info',
            ...(namespaces ? [`--namespaces=${namespaces.join(',')}`] : []),
          ],
          imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
          ports: [
            { name: 'metrics', number: ports.metrics },
            { name: 'probes', number: ports.probes },
          ],
          // Only a watch that hangs makes this fail, never an API server that is down: a restart would mend nothing.
          liveness: Probe.fromHttpGet('/healthz', {
            port: ports.probes,
            timeoutSeconds: Duration.seconds(5),
          }),
          readiness: Probe.fromHttpGet('/readyz', { port: ports.probes, periodSeconds: Duration.seconds(5) }),
          resources: {
            cpu: { request: Cpu.millis(20), limit: Cpu.units(1) },
            memory: { request: Size.mebibytes(96), limit: Size.mebibytes(256) },
          },
          securityContext: {
            user,
            group: user,
            ensureNonRoot: true,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: [all] },
          },
        },
      ],
    });
    deployment.select(LabelSelector.of({ labels }));
    // Not to be said with cdk8s-plus-27; the first is asked for by the `restricted` level.
    ApiObject.of(deployment).addJsonPatch(
      JsonPatch.add('/spec/template/spec/securityContext/seccompProfile', { type: 'RuntimeDefault' }),
      JsonPatch.add('/spec/template/spec/topologySpreadConstraints', [spread]),
    );
    new ApiObject(this, 'disruption', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace },
      spec: {
        minAvailable: 1,
        // A pod that hangs does not hold up the draining of its node.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: labels },
      },
    } as ApiObjectProps);
  }
}
