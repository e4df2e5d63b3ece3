import * as z from 'zod';
import { canonical } from '#api/schema/quantity.ts';
import { portNumber } from '#api/schema/scalars.ts';
import { type Container, container } from '#api/v1alpha1/container.ts';
import { deviceName, isNative, measureOf, type Resources } from '#api/v1alpha1/resources.ts';
import { compact } from './compact.ts';
import { NotConvertibleError } from './not-convertible.ts';
import type { Source } from './source.ts';

const { image, args, env, envFrom, port, readiness, securityContext } = container.shape;
const word = args.unwrap().element;
const variable = env.unwrap().element;
const variableSource = envFrom.unwrap().element;
const user = securityContext.unwrap().shape;

export type Variable = z.infer<typeof variable>;
export type Port = Pick<Container, 'port' | 'transport'>;

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

export const readWords = (from: Source): string[] => from.items().flatMap((item) => item.read(word) ?? []);

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

/** The port on which a container listens; Knative knows one. */
export function readPort(from: Source): Port {
  const [first] = from.at('ports').items();
  if (!first) return {};
  first.at('protocol').takeIf('TCP');
  const name = first.at('name');
  const transport = (['h2c', 'http1'] as const).find((known) => name.takeIf(known));
  name.takeIf('', 'user-port');
  return compact({ port: first.at('containerPort').read(port.unwrap()), transport });
}

/** How a container is asked whether it is ready; undefined where an open port says so. */
export function readReadiness(from: Source, port = 8080): Container['readiness'] {
  const probe = from.at('readinessProbe');
  const get = probe.at('httpGet');
  probe.at('successThreshold').takeIf(1);
  if (!get.exists) {
    probe.at('tcpSocket', 'port').takeIf(port, 0);
    return undefined;
  }
  get.at('scheme').takeIf('HTTP');
  const path = get.at('path').read(readiness.unwrap().shape.path);
  const asked = get.at('port').takeIf(port, 0) ? undefined : get.at('port').read(portNumber);
  return path === undefined ? undefined : { path, ...(asked !== undefined && { port: asked }) };
}

/** Who the server runs as; as there, the image may be root unless told otherwise. */
export function readSecurity(from: Source): Container['securityContext'] {
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
 * All that a server of its own, or of a runtime, says of itself.
 * @throws NotConvertibleError where it has no image
 */
export function readContainer(from: Source): Container {
  readUnimportant(from);
  const listening = readPort(from);
  const rest = compact({
    command: readWords(from.at('command')),
    args: readWords(from.at('args')),
    env: readVariables(from.at('env')),
    envFrom: from
      .at('envFrom')
      .items()
      .flatMap((item) => item.read(variableSource) ?? []),
    ...listening,
    readiness: readReadiness(from, listening.port),
    securityContext: readSecurity(from),
  });
  return { image: imageOf(from), ...rest };
}

/** What says nothing of what the server does: its name, and how its image is pulled, since Knative pins the digest. */
export function readUnimportant(from: Source): void {
  if (!from.at('name').takeIf(serverName, '')) from.at('name').say('ignored', 'a model has one container');
  from.at('imagePullPolicy').say('ignored', 'Knative pins the image by its digest');
}

/** Written as Kubernetes writes it. A fraction without quotes is an amount, too. */
const amountOf = (resource: string) =>
  z
    .preprocess(
      (value) => (typeof value === 'number' && !Number.isInteger(value) ? String(value) : value),
      measureOf(resource).schema,
    )
    .transform(canonical);

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
