import type { KubernetesObject } from '#kube/client/objects.ts';

/** A Knative Service as the API server gives it. */
export interface Service extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: Readonly<Record<string, unknown>> & { readonly containers: readonly Container[] };
    };
  };
}

interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly ports?: readonly object[];
  readonly resources?: object;
}

/** What both operators must agree on. */
export interface Essence {
  readonly containers: number;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | object>>;
  readonly resources: object;
  readonly port: Readonly<Record<string, unknown>>;
  /** Annotations of the autoscaler, and what else bounds requests. */
  readonly scale: Readonly<Record<string, unknown>>;
}

/** What is the same in two Services that run the same, in the words of Kubernetes. */
export function essenceOf({ spec: { template } }: Service): Essence {
  const { containers, containerConcurrency, timeoutSeconds, responseStartTimeoutSeconds } = template.spec;
  const [{ image, command = [], args = [], env = [], ports = [], resources = {} } = { image: '' }] =
    containers;
  const variables = env.map(({ name, value = '', valueFrom }) => [name, valueFrom ?? value] as const);
  const annotations = Object.entries(template.metadata.annotations ?? {});
  const filled = (text: string) =>
    variables.reduce(
      (result, [name, value]) =>
        typeof value === 'string' ? result.replaceAll(`$(${name})`, value) : result,
      text,
    );
  return {
    containers: containers.length,
    image,
    command: command.map(filled),
    args: args.map(filled),
    env: Object.fromEntries(
      variables.map(([name, value]) => [name, typeof value === 'string' ? filled(value) : value]),
    ),
    resources,
    port: { ...ports[0] },
    scale: {
      ...Object.fromEntries(annotations.filter(([key]) => key.startsWith('autoscaling.knative.dev/'))),
      containerConcurrency,
      timeoutSeconds,
      responseStartTimeoutSeconds,
    },
  };
}
