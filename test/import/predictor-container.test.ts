import { describe, expect, it } from 'vitest';
import { container, imported, notes, remarksOf, service, specsOf, uri, usual } from './inputs.ts';

describe('a predictor with a container', () => {
  it('keeps it', () => {
    const [spec] = specsOf(
      imported(
        service(`{ containers: [{ name: any, image: "registry.example/own:1", command: [a], args: [b],
          env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }], envFrom: [{ configMapRef: { name: c } }],
          ports: [{ containerPort: 5000, protocol: TCP }], readinessProbe: { httpGet: { path: /ready, port: 5000 } },
          securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } },
          resources: { requests: { cpu: 0.1 }, limits: { memory: 1Gi, nvidia.com/gpu: 1 } } }] }`),
      ),
    );
    expect(spec).toEqual({
      container: {
        image: 'registry.example/own:1',
        command: ['a'],
        args: ['b'],
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        envFrom: [{ configMapRef: { name: 'c' } }],
        port: 5000,
        readiness: { http: { path: '/ready' } },
        securityContext: { runAsUser: 1000 },
      },
      resources: {
        requests: { cpu: '100m', memory: '1Gi' },
        limits: { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' },
      },
      ...usual,
    });
  });

  it('gets the resources that KServe gives it, and may be root as there', () => {
    const outcomes = imported(service('{ containers: [{ image: "registry.example/own:1" }] }'));
    expect(specsOf(outcomes)).toMatchObject([
      {
        container: { securityContext: { runAsNonRoot: false } },
        resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '1', memory: '2Gi' } },
      },
    ]);
    expect(remarksOf(outcomes)).toEqual([
      notes[0],
      'root spec.predictor.containers[0].securityContext.runAsNonRoot',
      'default spec.predictor.containers[0].resources',
      notes[1],
    ]);
  });

  it('that asks for a model becomes a runtime with a model', () => {
    const own = container.replace('image', `env: [{ name: STORAGE_URI, value: "${uri}" }], image`);
    const outcomes = imported(service(`{ containers: [${own}] }`, '{ name: iris, namespace: demo }'));
    expect(outcomes[0]?.objects).toMatchObject([
      {
        kind: 'InferenceRuntime',
        metadata: { name: 'demo-iris' },
        spec: { version: '1', container: { env: [{ name: 'STORAGE_URI', value: '$(MODEL_DIR)' }] } },
      },
      { kind: 'InferenceModel', spec: { model: { format: 'custom', uri }, runtime: { name: 'demo-iris' } } },
    ]);
    expect(remarksOf(outcomes)).toEqual(
      expect.arrayContaining([
        'as-runtime spec.predictor.containers[0].env[0]',
        // It has no command, so its server can wait only behind an init container.
        'waiting spec.predictor.containers[0]',
      ]),
    );
  });

  it.each([
    { name: 'h2c', port: '{ containerPort: 9000, name: h2c }', want: { port: 9000, transport: 'h2c' } },
    { name: 'grpc', port: '{ containerPort: 9000, name: grpc }', want: { port: 9000, transport: 'h2c' } },
    {
      name: 'grpc-predict',
      port: '{ containerPort: 9000, name: grpc-predict, protocol: TCP }',
      want: { port: 9000, transport: 'h2c' },
    },
    {
      name: 'an appProtocol',
      port: '{ containerPort: 9000, name: api, appProtocol: kubernetes.io/h2c }',
      want: { port: 9000, transport: 'h2c' },
    },
    { name: 'http1', port: '{ containerPort: 9000, name: http1 }', want: { port: 9000, transport: 'http1' } },
    { name: 'none', port: '{ containerPort: 9000 }', want: { port: 9000 } },
  ])('listens for gRPC by the name of its port: $name', ({ port, want }) => {
    const own = container.replace('image', `ports: [${port}], image`);
    const [spec] = specsOf(imported(service(`{ containers: [${own}] }`))) as { container: object }[];
    expect(spec?.container).toMatchObject(want);
    expect('transport' in (spec?.container ?? {})).toBe('transport' in want);
  });

  it('listens on one port: one of gRPC beside HTTP is lost', () => {
    const own = container.replace(
      'image',
      'ports: [{ containerPort: 9000, name: grpc }, { containerPort: 8080 }], image',
    );
    const outcomes = imported(service(`{ containers: [${own}] }`));
    expect(specsOf(outcomes)).toMatchObject([{ container: { port: 8080 } }]);
    expect(remarksOf(outcomes)).toContain('second-port spec.predictor.containers[0].ports');
  });

  it.each([
    { given: '"8000"', want: '8000' },
    { given: '8000', want: '8000' },
    { given: '"1000"', want: '1000' },
  ])('keeps amounts of devices as they are written: $given', ({ given, want }) => {
    const own = container.replaceAll('memory: 2Gi', `memory: 2Gi, nvidia.com/gpumem: ${given}`);
    const outcomes = imported(service(`{ containers: [${own}] }`));
    expect(specsOf(outcomes)).toMatchObject([
      { resources: { limits: { 'nvidia.com/gpumem': want }, requests: { 'nvidia.com/gpumem': want } } },
    ]);
  });

  it('keeps its probes, its folder, its volumes and what it knows of itself', () => {
    const outcomes = imported(
      service(
        `{ containers: [{ image: "registry.example/own:1", workingDir: /app, ports: [{ containerPort: 9000, name: http }],
          securityContext: { runAsUser: 1000 }, resources: { requests: { cpu: 1, memory: 2Gi }, limits: { cpu: 1, memory: 2Gi } },
          env: [{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }, { name: MEM, valueFrom: { resourceFieldRef: { resource: limits.memory } } }],
          readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 30, initialDelaySeconds: 10 },
          livenessProbe: { exec: { command: [cat, /tmp/alive] }, periodSeconds: 60 },
          startupProbe: { grpc: { port: 9001, service: model }, failureThreshold: 100 },
          volumeMounts: [{ name: dshm, mountPath: /dev/shm }, { name: config, mountPath: /etc/app, readOnly: true }, { name: cache, mountPath: /cache, subPath: hf }] }],
          volumes: [{ name: dshm, emptyDir: { medium: Memory, sizeLimit: 10Gi } }, { name: config, configMap: { name: app } }, { name: cache, persistentVolumeClaim: { claimName: hf-cache } }] }`,
      ),
    );
    expect(specsOf(outcomes)).toMatchObject([
      {
        container: {
          port: 9000,
          workingDir: '/app',
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
          ],
          readiness: {
            http: { path: '/ready' },
            period: '5s',
            timeout: '2s',
            initialDelay: '10s',
            failureThreshold: 30,
          },
          liveness: { exec: { command: ['cat', '/tmp/alive'] }, period: '60s' },
          startup: { grpc: { port: 9001, service: 'model' }, failureThreshold: 100 },
          volumeMounts: [
            { name: 'dshm', mountPath: '/dev/shm' },
            { name: 'config', mountPath: '/etc/app', readOnly: true },
            { name: 'cache', mountPath: '/cache', subPath: 'hf' },
          ],
        },
        pod: {
          volumes: [
            { name: 'dshm', emptyDir: { medium: 'Memory', sizeLimit: '10Gi' } },
            { name: 'config', configMap: { name: 'app' } },
            { name: 'cache', persistentVolumeClaim: { claimName: 'hf-cache' } },
          ],
        },
      },
    ]);
    expect(remarksOf(outcomes).filter((line) => !/^(default|flag)/.test(line))).toEqual([]);
  });

  it.each([
    { given: 'memory: 107374182400m', want: { memory: '107374182400m' } },
    { given: 'memory: "1e9"', want: { memory: '1G' } },
    { given: 'memory: 1.5Gi', want: { memory: '1536Mi' } },
    { given: 'memory: 128974848', want: { memory: '128974848' } },
    { given: 'memory: 0.5Ti', want: { memory: '512Gi' } },
    { given: 'cpu: 0.1', want: { cpu: '100m' } },
    { given: 'cpu: 100u', want: { cpu: '100u' } },
    { given: 'cpu: 2e-1', want: { cpu: '200m' } },
    { given: 'cpu: "1.5"', want: { cpu: '1500m' } },
  ])('keeps every amount that Kubernetes takes: $given', ({ given, want }) => {
    const outcomes = imported(
      service(`{ containers: [{ image: "registry.example/own:1", resources: { limits: { ${given} } } }] }`),
    );
    expect(specsOf(outcomes)).toMatchObject([{ resources: { limits: want } }]);
    expect(remarksOf(outcomes).filter((line) => line.startsWith('value'))).toEqual([]);
  });
});
