import * as z from 'zod';
import { canonical } from '#api/schema/quantity.ts';
import { type ContainerInput, container } from '#api/v1alpha1/container.ts';
import { deviceName, isDevice, isNative, measureOf, type Resources } from '#api/v1alpha1/resources.ts';
import type { VolumeMount } from '#api/v1alpha1/volume.ts';
import { compact } from './compact.ts';
import { readProbes } from './probes.ts';
import { NotConvertibleError } from './reasons.ts';
import type { Source } from './source.ts';

const { image, args, env, envFrom, port, securityContext, workingDir } = container.shape;
const word = args.unwrap().element;
const variable = env.unwrap().element;
const variableSource = envFrom.unwrap().element;
const user = securityContext.unwrap().shape;

export type Variable = z.infer<typeof variable>;
type EnvFrom = z.infer<typeof variableSource>;
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

export const readEnvFrom = (from: Source): EnvFrom[] =>
  from
    .at('envFrom')
    .items()
    .flatMap((item) => item.read(variableSource) ?? []);

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
export function readContainer(
  from: Source,
  volumeMounts: VolumeMount[] = [],
): { container: ContainerInput; grpcPort: number | undefined } {
  readUnimportant(from);
  const { grpcPort, ...listening } = readPorts(from);
  const rest = compact({
    command: readStrings(from.at('command')),
    args: readStrings(from.at('args')),
    env: readVariables(from.at('env')),
    envFrom: readEnvFrom(from),
    ...listening,
    workingDir: from.at('workingDir').read(workingDir.unwrap()),
    ...readProbes(from, listening.port),
    volumeMounts,
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
 * An amount as Kubernetes takes it. A fraction without quotes is one, too. It is written as Kubernetes itself writes it, but for
 * devices, of which Kubernetes takes whole numbers alone, so that they stay as they are.
 */
export function readAmount(from: Source, resource: string): string | undefined {
  const { schema } = measureOf(resource);
  const text = from.number === undefined ? from.text : String(from.number);
  if (text !== undefined && isNative(resource)) {
    const plain = schema.safeParse(text).success ? canonical(text) : plainAmount(text, resource);
    if (plain !== undefined && schema.safeParse(plain).success)
      return from.read(z.unknown().transform(() => plain));
  }
  return from.read(schema.transform(String));
}

const suffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * An amount in a rarer spelling, such as 107374182400m of memory, 1e9 or 100u of CPU, in a plain one. What is less than a whole
 * byte or a thousandth of a core is rounded up, as Kubernetes does it
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
 */
function plainAmount(text: string, resource: string): string | undefined {
  const [, whole = '', fraction = '', suffix = '', exponent] =
    /^\+?(\d{0,30})\.?(\d{0,18})([numkMGTPE]|[KMGTPE]i)?(?:[eE]([+-]?\d{1,2}))?$/.exec(text) ?? [];
  if (whole + fraction === '' || (suffix !== '' && exponent !== undefined)) return undefined;
  const binary = binarySuffixes.indexOf(suffix);
  const power = binary >= 0 ? 0 : 3 * (suffixes.indexOf(suffix) - 3);
  const factor = binary >= 0 ? 1024n ** BigInt(binary + 1) : 1n;
  // In billionths of the unit.
  const scale = power + Number(exponent ?? 0) + 9 - fraction.length;
  const digits = BigInt(whole + fraction) * factor;
  const billionths = scale >= 0 ? digits * 10n ** BigInt(scale) : ceil(digits, 10n ** BigInt(-scale));
  return resource === 'cpu'
    ? canonical(`${ceil(billionths, 1_000_000n)}m`)
    : canonical(`${ceil(billionths, 1_000_000_000n)}`);
}

const ceil = (value: bigint, divisor: bigint): bigint => (value + divisor - 1n) / divisor;

/** What a container asks for: of what every node has, of huge pages, and of devices. */
export function readResources(from: Source): Resources {
  const read = (which: 'requests' | 'limits') =>
    Object.fromEntries(
      from
        .at('resources', which)
        .entries()
        .filter(([name]) => !isDevice(name) || deviceName.safeParse(name).success)
        .flatMap(([name, source]) => {
          const value = readAmount(source, name);
          return value === undefined ? [] : [[name, value] as const];
        }),
    );
  return compact({ requests: read('requests'), limits: read('limits') });
}
