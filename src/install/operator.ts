import { ApiObject, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import {
  type Capability,
  Cpu,
  Deployment,
  DeploymentStrategy,
  ImagePullPolicy,
  Namespace,
  Probe,
  ServiceAccount,
} from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { operatorImage } from '../image.ts';
import { grantRights } from './rights.ts';

const namespace = 'dormouse-system';
const name = 'dormouse';
const user = 65532;
/** Where the controller listens if it is not told otherwise. */
const ports = { metrics: 8080, probes: 8081 };
/** Missing from the list of cdk8s-plus-27. */
const all = 'ALL' as Capability;

/** The operator: its namespace, its rights and its Deployment. */
export class Operator extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { disableResourceNameHashes: true, labels: { 'app.kubernetes.io/name': name } });
    new Namespace(this, 'namespace', {
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    const serviceAccount = new ServiceAccount(this, 'account', { metadata: { name, namespace } });
    grantRights(this, serviceAccount);
    const deployment = new Deployment(this, 'deployment', {
      metadata: { name, namespace },
      replicas: 1,
      // Two controllers at once would write the same objects, so the old one goes first.
      strategy: DeploymentStrategy.recreate(),
      serviceAccount,
      automountServiceAccountToken: true,
      securityContext: { ensureNonRoot: true, user, group: user },
      containers: [
        {
          name: 'controller',
          image: operatorImage,
          args: ['controller'],
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
    // Not to be said with cdk8s-plus-27, and asked for by the `restricted` level.
    ApiObject.of(deployment).addJsonPatch(
      JsonPatch.add('/spec/template/spec/securityContext/seccompProfile', { type: 'RuntimeDefault' }),
    );
  }
}
