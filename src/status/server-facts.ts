import { annotations } from '#api/group.ts';
import type { FoundTemplate } from '#knative/objects.ts';

/** What a status needs to know of the server in a template. */
export interface ServerFacts {
  readonly name: string;
  /** How readiness is asked for: `GET /v2/health/ready on port 8080`. */
  readonly question: string;
  /** What the user can correct where no answer comes. */
  readonly advice: string;
  readonly initialDelayMs: number;
  readonly memoryLimit?: string | undefined;
}

interface TemplateContainer {
  readonly name?: string;
  readonly ports?: readonly { readonly containerPort?: number }[];
  readonly readinessProbe?: {
    readonly httpGet?: { readonly path?: string; readonly port?: number | string };
    readonly grpc?: { readonly port?: number; readonly service?: string };
    readonly exec?: { readonly command?: readonly string[] };
    readonly initialDelaySeconds?: number;
  };
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
}

/** The one container with a port is the server (serving `pkg/apis/serving/k8s_validation.go`). */
export function serverFacts(template: FoundTemplate | undefined): ServerFacts | undefined {
  const containers = (template?.spec?.containers ?? []) as readonly TemplateContainer[];
  const server = containers.find(({ ports }) => ports?.length) ?? containers[0];
  if (!server) return undefined;
  const { name = 'server', readinessProbe = {}, resources } = server;
  const hasRuntime = template?.metadata?.annotations?.[annotations.runtime] !== undefined;
  return {
    name,
    question: questionOf(server),
    advice: hasRuntime
      ? `its log says why the model is not loaded: kubectl logs -c ${name} of its pod`
      : 'correct spec.container.port or spec.container.readiness, or see its log',
    initialDelayMs: (readinessProbe.initialDelaySeconds ?? 0) * 1000,
    memoryLimit: resources?.limits?.memory,
  };
}

function questionOf({ ports, readinessProbe = {} }: TemplateContainer): string {
  const own = ports?.[0]?.containerPort ?? 8080;
  // Port 0 is the container's own.
  const portOf = (port: number | string | undefined) => (port ? String(port) : String(own));
  const { httpGet, grpc, exec } = readinessProbe;
  if (httpGet) return `GET ${httpGet.path ?? '/'} on port ${portOf(httpGet.port)}`;
  if (grpc)
    return `the gRPC health check${grpc.service ? ` of ${grpc.service}` : ''} on port ${portOf(grpc.port)}`;
  if (exec) return `its readiness command ${exec.command?.join(' ') ?? ''} with exit code 0`;
  return `a connection on port ${own}`;
}
