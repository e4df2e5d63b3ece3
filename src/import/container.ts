import * as z from 'zod';
import { canonical } from '#api/schema/quantity.ts';
import { portNumber } from '#api/schema/scalars.ts';
import { type ContainerInput, container } from '#api/v1alpha1/container.ts';
import { deviceName, isNative, measureOf, type Resources } from '#api/v1alpha1/resources.ts';
import { compact } from './compact.ts';
import { NotConvertibleError } from './reasons.ts';
import type { Source } from './source.ts';

const { image, args, env, envFrom, port, readiness, securityContext } = container.shape;
const word = args.unwrap().element;
const variable = env.unwrap().element;
const variableSource = envFrom.unwrap().element;
const user = securityContext.unwrap().shape;

export type Variable = z.infer<typeof variable>;
/** Where a server listens: a port of HTTP or of gRPC, and beside one of HTTP perhaps one of gRPC. */
export type Ports = Pick<ContainerInput, 'port' | 'transport'> & { readonly grpcPort?: number | undefined };

/** What KServe calls the container that serves, among those of a pod. */
export const serverName = 'kserve-container';

export const readImage = (from: Source): string | undefined => from.at('image').read(image);

/** @throws NotConvertibleError where a container has no image, or one that Knative refuses */
function imageOf(from: Source): string {
  const found = readImage(from);
  if (found !== undefined) return found;
  const field = from.at('image');
  if (field.exists)
    throw new NotConvertibleError(field.path, 'invalid', 'Knative knows no such image reference');
  throw new NotConvertibleError(field.path, 'server');
}

export const readStrings = (from: Source): string[] => from.items().flatMap((item) => item.read(word) ?? []);

/** The variables of a container; of two with one name the last holds. */
export function readVariables(from: Source): Variable[] {
  const byName = new Map<string, { readonly item: Source; readonly found: Variable }>();
  for (const item of from.items()) {
    const found = item.read(variable);
    if (!found) continue;
    byName.get(found.name)?.item.note('ignored');
    byName.set(found.name, { item, found });
  }
  return [...byName.values()].map(({ found }) => found);
}

/** The ports on which a container listens: the first of HTTP, and the first of gRPC. Only one of gRPC has no other. */
export function readPorts(from: Source): Ports {
  const items = from.at('ports').items();
  const isGrpc = new Map(items.map((item) => [item, isOfGrpc(item)]));
  const grpc = items.find((item) => isGrpc.get(item));
  const http = items.find((item) => !isGrpc.get(item));
  const first = http ?? grpc;
  if (!first) return {};
  const isNamedHttp = first.at('name').takeIf('http1');
  const transport = isGrpc.get(first) ? 'h2c' : isNamedHttp ? 'http1' : undefined;
  return compact({
    port: readPortNumber(first),
    transport,
    grpcPort: http && grpc && readPortNumber(grpc),
  });
}

function readPortNumber(item: Source): number | undefined {
  item.at('protocol').takeIf('TCP');
  item.at('name').takeIf('', 'http', 'user-port');
  item.at('appProtocol').takeIf('http', 'kubernetes.io/http');
  return item.at('containerPort').read(port.unwrap());
}

/**
 * Whether a port is of gRPC: by the name that Knative knows (h2c), by those that Istio knows (grpc, grpc-web, grpc-...;
 * https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/), or by its appProtocol.
 */
function isOfGrpc(item: Source): boolean {
  const name = item.at('name');
  const byName =
    name.takeIf('h2c') || (/^grpc(-|$)/.test(String(name.text)) && name.takeIf(String(name.text)));
  return item.at('appProtocol').takeIf('grpc', 'h2c', 'kubernetes.io/h2c') || byName;
}

/** How a container is request whether it is ready; undefined where an open port says so. */
export function readReadiness(from: Source, port = 8080): ContainerInput['readiness'] {
  const probe = from.at('readinessProbe');
  const get = probe.at('httpGet');
  probe.at('successThreshold').takeIf(1);
  if (!get.exists) {
    probe.at('tcpSocket', 'port').takeIf(port, 0);
    return undefined;
  }
  get.at('scheme').takeIf('HTTP');
  const path = get.at('path').read(readiness.unwrap().shape.http.unwrap().shape.path);
  const request = get.at('port').takeIf(port, 0) ? undefined : get.at('port').read(portNumber);
  return path === undefined ? undefined : { http: { path, ...(request !== undefined && { port: request }) } };
}

/** Who the server runs as; as there, the image may be root unless told otherwise. */
export function readSecurity(from: Source): ContainerInput['securityContext'] {
  const context = from.at('securityContext');
  const runAsUser = context.at('runAsUser').read(user.runAsUser.unwrap());
  const runAsNonRoot = context.at('runAsNonRoot').read(user.runAsNonRoot.unwrap());
  // These hold for every server here.
  for (const name of ['allowPrivilegeEscalation', 'privileged']) context.at(name).takeIf(false);
  for (const capability of context.at('capabilities', 'drop').items()) capability.takeIf('ALL');
  context.at('seccompProfile', 'type').takeIf('RuntimeDefault');
  const mayBeRoot = !runAsNonRoot && !runAsUser;
  if (mayBeRoot && runAsNonRoot === undefined) context.at('runAsNonRoot').note('root');
  return compact({
    runAsUser,
    runAsGroup: context.at('runAsGroup').read(user.runAsGroup.unwrap()),
    runAsNonRoot: mayBeRoot ? false : runAsNonRoot,
    readOnlyRootFilesystem: context.at('readOnlyRootFilesystem').read(user.readOnlyRootFilesystem.unwrap()),
  });
}

/**
 * All that a server of its own, or of a runtime, says of itself, and where it listens for gRPC beside HTTP.
 * @throws NotConvertibleError where it has no image
 */
export function readContainer(from: Source): { container: ContainerInput; grpcPort: number | undefined } {
  readUnimportant(from);
  const { grpcPort, ...listening } = readPorts(from);
  const rest = compact({
    command: readStrings(from.at('command')),
    args: readStrings(from.at('args')),
    env: readVariables(from.at('env')),
    envFrom: from
      .at('envFrom')
      .items()
      .flatMap((item) => item.read(variableSource) ?? []),
    ...listening,
    readiness: readReadiness(from, listening.port),
    securityContext: readSecurity(from),
  });
  return { container: { image: imageOf(from), ...rest }, grpcPort };
}

/** What says nothing of what the server does: its name, and how its image is pulled, since Knative pins the digest. */
export function readUnimportant(from: Source): void {
  if (!from.at('name').takeIf(serverName, '')) from.at('name').settle('ignored', 'a model has one container');
  from.at('imagePullPolicy').settle('ignored', 'Knative pins the image by its digest');
}

/**
 * Written as Kubernetes writes it. A fraction without quotes is an amount, too. Amounts of devices stay as they are
 * written: Kubernetes takes whole numbers of them alone.
 */
const amountOf = (resource: string) => {
  const amount = z.preprocess(
    (value) => (typeof value === 'number' && !Number.isInteger(value) ? String(value) : value),
    measureOf(resource).schema,
  );
  return isNative(resource) ? amount.transform(canonical) : amount.transform(String);
};

/** What a container asks for: of what every node has, and of devices. */
export function readResources(from: Source): Resources {
  const read = (which: 'requests' | 'limits') =>
    Object.fromEntries(
      from
        .at('resources', which)
        .entries()
        .filter(([name]) => isNative(name) || deviceName.safeParse(name).success)
        .flatMap(([name, source]) => {
          const value = source.read(amountOf(name));
          return value === undefined ? [] : [[name, value] as const];
        }),
    );
  return compact({ requests: read('requests'), limits: read('limits') });
}
