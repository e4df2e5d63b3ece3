import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDocuments } from '#cli/input/yaml.ts';
import { convertedFrom, runtime, service } from './inputs.ts';
import { silentLeaves } from './leaves.ts';

const objectOf = (yaml: string): object => parseDocuments(yaml)[0]?.toJS();

const container = `{ name: c, image: "a/b:1", command: [a], args: [b, c], workingDir: /w, imagePullPolicy: Always, tty: true,
  env: [{ name: A, value: a }, { name: B, valueFrom: { fieldRef: { fieldPath: metadata.name } } }],
  envFrom: [{ prefix: P_, secretRef: { name: s, optional: true } }],
  ports: [{ containerPort: 8081, name: h2c, protocol: TCP }, { containerPort: 9090 }],
  readinessProbe: { httpGet: { path: /r, port: 8082, scheme: HTTP, httpHeaders: [{ name: a, value: b }] }, successThreshold: 1, periodSeconds: 3 },
  livenessProbe: { exec: { command: [a] } }, startupProbe: { tcpSocket: { port: 1 } },
  resources: { requests: { cpu: 100m, hugepages-2Mi: 2Mi }, limits: { memory: 3Gi, nvidia.com/gpu: 1 } },
  securityContext: { runAsUser: 5, runAsGroup: 6, runAsNonRoot: true, readOnlyRootFilesystem: true, privileged: false,
    allowPrivilegeEscalation: false, capabilities: { drop: [ALL], add: [NET_ADMIN] }, seccompProfile: { type: RuntimeDefault } },
  volumeMounts: [{ name: v, mountPath: /v }], lifecycle: { preStop: { exec: { command: [a] } } } }`;
const metadata = `{ name: iris, namespace: demo, generateName: x, uid: y, labels: { team: a, networking.knative.dev/visibility: cluster-local, serving.kserve.io/x: y },
  annotations: { autoscaling.knative.dev/target: "3", autoscaling.knative.dev/window: 1h, example.com/a: b, serving.kserve.io/deploymentMode: Serverless } }`;
const around = `minReplicas: 1, maxReplicas: 4, scaleTarget: 2, scaleMetric: rps, scaleMetricType: Value, containerConcurrency: 5, timeout: 30,
  canaryTrafficPercent: 20, logger: { url: x }, batcher: { maxLatency: 1 }, labels: { a: b }, annotations: { a: b },
  serviceAccountName: sa, serviceAccount: sb, imagePullSecrets: [{ name: p }], nodeSelector: { a: b }, affinity: { nodeAffinity: { a: b } },
  tolerations: [{ key: a, operator: Exists }], volumes: [{ name: v, configMap: { name: c } }], hostNetwork: true,
  automountServiceAccountToken: true, initContainers: [{ name: i, image: j }], autoScaling: { metrics: [{ type: Resource }] }`;
const overridden = `name: x, image: "a/b", runtimeVersion: "3", command: [a], args: [b], env: [{ name: A, value: b }], storageUri: "s3://a/b",
  protocolVersion: v1, ports: [{ containerPort: 9000, name: h2c, protocol: TCP }], readinessProbe: { httpGet: { path: /r } },
  resources: { requests: { cpu: 2 }, limits: { nvidia.com/gpu: 1 } }, storage: { key: k, schemaPath: s }, envFrom: [{ secretRef: { name: s } }]`;

it.each<[string, string, readonly string[]]>([
  ['a container', service(`{ containers: [${container}], ${around} }`, metadata), []],
  ['a format', service(`{ xgboost: { ${overridden} }, ${around} }`, metadata), []],
  [
    'a model beside its runtime',
    service(
      `{ model: { modelFormat: { name: sklearn, version: "1" }, ${overridden} }, ${around} }`,
      metadata,
    ),
    [runtime()],
  ],
  [
    'a model that names its runtime',
    service(
      `{ model: { modelFormat: { name: sklearn, version: "1" }, runtime: server, ${overridden} } }`,
      metadata,
    ),
    [runtime()],
  ],
  [
    'a runtime',
    runtime(
      'annotations: { a: b }\n  labels: { c: d }\n  hostIPC: false\n  multiModel: false\n  disabled: false\n  grpcEndpoint: a\n  replicas: 2\n  volumes: [{ name: v }]\n  imagePullSecrets: [{ name: a }]',
    ),
    [],
  ],
  [
    'a Model of Seldon Core',
    'apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: { name: a, labels: { b: c } }\nspec: { storageUri: "s3://a/b", requirements: [sklearn, x], memory: 1Gi, replicas: 2, maxReplicas: 3, server: s, dedicated: true, preloaded: false, logger: { percent: 1 }, dataflow: { cleanTopicsOnDelete: true }, secretName: s, schemaUri: u }',
    [],
  ],
])('of %s each leaf is carried over or spoken of', (_, yaml, beside) => {
  const silent = silentLeaves(objectOf(yaml), beside.map(objectOf));
  expect(silent).toEqual([]);
});

it('whatever stands in an object, it is converted or refused', { timeout: 60_000 }, () => {
  const anything = fc.oneof(
    fc.anything({ maxDepth: 2, values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }),
    fc.constantFrom('v1', 'sklearn', '0', 's3://a/b', -1, {}, [], [{}], [null], { a: 'b' }),
  );
  const objects = [
    service(`{ containers: [${container}], ${around} }`, metadata),
    service(`{ model: { modelFormat: { name: sklearn }, ${overridden} }, ${around} }`, metadata),
    runtime('annotations: { a: b }\n  volumes: [{ name: v }]'),
  ].map(objectOf);
  fc.assert(
    fc.property(
      fc.constantFrom(...objects),
      fc.array(fc.tuple(fc.nat(), anything), { maxLength: 4 }),
      (object, changes) => {
        const hostile = changes.reduce((value, [choice, put]) => replaced(value, choice, put), object);
        // What is invalid is refused by import itself.
        const outcomes = convertedFrom([hostile, ...objects]);
        expect(outcomes[0]?.result).toMatch(/^(converted|refused)$/);
      },
    ),
    { numRuns: 200 },
  );
});

/** With something else in the place of one field, however deep, below metadata and spec. */
function replaced(value: object, choice: number, put: unknown): object {
  const copy = structuredClone(value) as Record<string, unknown>;
  const places: [Record<string, unknown>, string][] = [];
  const walk = (holder: Record<string, unknown>) => {
    for (const [key, item] of Object.entries(holder)) {
      if (holder !== copy || key === 'metadata' || key === 'spec') places.push([holder, key]);
      if (typeof item === 'object' && item !== null) walk(item as Record<string, unknown>);
    }
  };
  walk(copy);
  const [holder, key] = places[choice % places.length] ?? [copy, 'spec'];
  holder[key] = put;
  return JSON.parse(JSON.stringify(copy));
}
