import { network } from '../network.ts';

/** An object of the API, as much of it as is looked at here. */
export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind, read by path.
  readonly [field: string]: any;
};

export type RenderOptions = {
  /** Image references by the name of the program in them. */
  readonly images: Readonly<Record<string, string>>;
  /** Knative's version, for the label of that name. */
  readonly version: string;
};

/** The domain below which models get their host names. */
export const domain = 'example.test';

// Set in the manifests: once the objects exist, a change needs Knative's webhook to be up.
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'config-network': { 'ingress-class': 'kourier.ingress.networking.knative.dev' },
  'config-domain': { [domain]: '' },
  // The shortest that Knative accepts, so that tests see a model fall asleep within seconds.
  'config-autoscaler': { 'stable-window': '6s', 'scale-to-zero-grace-period': '6s' },
};

/** The Service by which Kourier tells Envoy what to do. */
const ingressControl = 'net-kourier-controller';

/** Knative's published objects as a single small node can run them: our images and settings, small requests. */
export function render(published: readonly KubeObject[], options: RenderOptions): KubeObject[] {
  return published
    .filter(({ kind }) => kind !== 'HorizontalPodAutoscaler' && kind !== 'PodDisruptionBudget')
    .map((object) => adapt(replaceStrings(object, options)));
}

function adapt(object: KubeObject): KubeObject {
  const { kind, metadata } = object;
  if (kind === 'ConfigMap' && metadata.name === 'kourier-bootstrap') {
    // By address: a name asked for before the cluster's DNS is up costs Envoy a quarter of a minute.
    const bootstrap = object.data['envoy-bootstrap.yaml'];
    const address = bootstrap.replace(`${ingressControl}.knative-serving`, network.ingressControl);
    return { ...object, data: { 'envoy-bootstrap.yaml': address } };
  }
  if (kind === 'ConfigMap') return { ...object, data: { ...object.data, ...settings[metadata.name] } };
  if (kind === 'Deployment') return adaptDeployment(object);
  if (kind === 'Service' && metadata.name === 'kourier') {
    return { ...object, spec: { ...object.spec, type: 'ClusterIP', clusterIP: network.ingress } };
  }
  if (kind === 'Service' && metadata.name === ingressControl) {
    return { ...object, spec: { ...object.spec, clusterIP: network.ingressControl } };
  }
  return object;
}

function adaptDeployment(object: KubeObject): KubeObject {
  const { template } = object.spec;
  const containers = template.spec.containers.map((container: Record<string, object>) => {
    // The gateway's preStop hook needs a shell and curl, which its image here lacks.
    const { lifecycle: _, readinessProbe, ...rest } = container;
    const resources = { requests: { cpu: '10m', memory: '32Mi' } };
    const probe = { ...readinessProbe, initialDelaySeconds: 0, periodSeconds: 1 };
    return { ...rest, resources, ...(readinessProbe && { readinessProbe: probe }) };
  });
  const spec = { ...template.spec, containers };
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

/** Puts image references in place of `ko://<package>` and of Envoy's, and the version in place of `devel`. */
function replaceStrings<T>(value: T, options: RenderOptions): T {
  if (Array.isArray(value)) return value.map((item) => replaceStrings(item, options)) as T;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, replaceStrings(item, options)]);
    return Object.fromEntries(entries) as T;
  }
  if (value === 'devel') return options.version as T;
  if (typeof value !== 'string') return value;
  const program =
    /^ko:\/\/.*\/([^/]+)$/.exec(value)?.[1] ?? /^docker\.io\/envoyproxy\/(envoy):/.exec(value)?.[1];
  if (!program) return value;
  const image = options.images[program];
  if (!image) throw new Error(`Knative's manifests name ${value}, which no image here is made for.`);
  return image as T;
}
