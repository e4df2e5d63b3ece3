import { expect, test } from 'vitest';
import { parseObjects } from './manifests.ts';
import { withoutPods } from './processes.ts';
import { render } from './render.ts';

const options = { images: { queue: 'dev.local/queue:1', envoy: 'dev.local/envoy:1' }, version: '0.48.0' };
const rendered = (yaml: string) => render(parseObjects(yaml), options);

test('images built here take the place of those that Knative publishes', () => {
  const [config] = rendered(`
kind: ConfigMap
metadata: { name: config-deployment, labels: { app.kubernetes.io/version: devel } }
data: { queue-sidecar-image: "ko://knative.dev/serving/cmd/queue", _example: "stays: devel" }
`);
  expect(config).toMatchObject({
    metadata: { labels: { 'app.kubernetes.io/version': '0.48.0' } },
    data: { 'queue-sidecar-image': 'dev.local/queue:1', _example: 'stays: devel' },
  });
});

test('an image that is not built here is an error that names it', () => {
  expect(() => rendered('{kind: Pod, metadata: {name: p}, image: "ko://knative.dev/x/cmd/new"}')).toThrow(
    "Knative's manifests name ko://knative.dev/x/cmd/new, which no image here is made for.",
  );
});

test('settings stand in the manifest beside what is published', () => {
  const [config] = rendered('{kind: ConfigMap, metadata: {name: config-autoscaler}, data: {_example: x}}');
  expect(config?.data).toMatchObject({ _example: 'x', 'stable-window': '6s' });
});

test('Deployments ask for little and are probed each second; autoscalers and budgets are left out', () => {
  const [deployment, ...others] = rendered(`
kind: Deployment
metadata: { name: activator }
spec: { template: { spec: { containers: [{ name: a, resources: { limits: { cpu: 1 } }, readinessProbe: { periodSeconds: 5 } }] } } }
---
{kind: HorizontalPodAutoscaler, metadata: {name: activator}}
---
{kind: PodDisruptionBudget, metadata: {name: activator}}
`);
  expect(others).toEqual([]);
  const [container] = deployment?.spec.template.spec.containers ?? [];
  expect(container.resources).toEqual({ requests: { cpu: '10m', memory: '32Mi' } });
  expect(container.readinessProbe.periodSeconds).toBe(1);
});

test('without pods, a Service leads to the target ports at the address of the node', () => {
  const [service, slice, endpoints, ...others] = withoutPods(
    parseObjects(`
kind: Service
metadata: { name: webhook, namespace: knative-serving }
spec: { selector: { app: webhook }, ports: [{ name: https-webhook, port: 443, targetPort: 8443 }] }
---
{kind: Deployment, metadata: {name: webhook}}
`),
  );
  expect(others).toEqual([]);
  expect(service?.spec.selector).toBeUndefined();
  const ports = [{ name: 'https-webhook', port: 8443 }];
  expect(slice).toMatchObject({ kind: 'EndpointSlice', ports });
  expect(endpoints).toMatchObject({ kind: 'Endpoints', subsets: [{ ports }] });
});
