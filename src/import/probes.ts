import * as z from 'zod';
import { portNumber } from '#api/schema/scalars.ts';
import { type ContainerInput, container } from '#api/v1alpha1/container.ts';
import { compact } from './compact.ts';
import type { Source } from './source.ts';

type ProbeInput = NonNullable<ContainerInput['readiness']>;

const { http, grpc, exec, failureThreshold, successThreshold } = container.shape.readiness.unwrap().shape;
const seconds = z.int().min(0).max(3600);
const positive = seconds.min(1);

/** The probes of a container. `port` is where its server listens. */
export function readProbes(
  from: Source,
  port = 8080,
): Pick<ContainerInput, 'readiness' | 'startup' | 'liveness'> {
  const read = (name: string) => readProbe(from.at(name), from.at('ports'), port);
  const readiness = read('readinessProbe');
  return {
    // An open port counts as ready in any case.
    ...(readiness && !isOpenPort(readiness) && { readiness }),
    ...compact({ startup: read('startupProbe'), liveness: read('livenessProbe') }),
  };
}

const isOpenPort = ({ tcp, ...rest }: ProbeInput): boolean =>
  tcp !== undefined && tcp.port === undefined && Object.keys(rest).length === 0;

function readProbe(from: Source, ports: Source, own: number): ProbeInput | undefined {
  const handler = readHandler(from, ports, own);
  if (!handler) return undefined;
  const thresholds = {
    failureThreshold: from.at('failureThreshold').read(failureThreshold.unwrap()),
    successThreshold: from.at('successThreshold').takeIf(1)
      ? undefined
      : from.at('successThreshold').read(successThreshold.unwrap()),
  };
  return {
    ...handler,
    ...compact({
      initialDelay: readSeconds(from.at('initialDelaySeconds'), seconds),
      period: readSeconds(from.at('periodSeconds'), positive),
      timeout: readSeconds(from.at('timeoutSeconds'), positive),
      ...thresholds,
    }),
  };
}

const readSeconds = (from: Source, schema: z.ZodType<number>) =>
  from.read(schema.transform((value) => `${value}s`));

function readHandler(from: Source, ports: Source, own: number): ProbeInput | undefined {
  const [get, tcp, rpc, command] = [
    from.at('httpGet'),
    from.at('tcpSocket'),
    from.at('grpc'),
    from.at('exec', 'command'),
  ];
  if (get.exists) {
    get.at('scheme').takeIf('HTTP');
    const path = get.at('path').exists ? get.at('path').read(http.unwrap().shape.path) : '/';
    return path === undefined ? undefined : { http: { path, ...readPort(get.at('port'), ports, own) } };
  }
  if (tcp.exists) return { tcp: readPort(tcp.at('port'), ports, own) };
  if (rpc.exists)
    return {
      grpc: {
        ...readPort(rpc.at('port'), ports, own),
        ...compact({ service: rpc.at('service').read(grpc.unwrap().shape.service.unwrap()) }),
      },
    };
  const words = command.read(exec.unwrap().shape.command);
  return words && { exec: { command: words } };
}

/** A port by its number or by its name; none where it is that of the server. */
function readPort(from: Source, ports: Source, own: number): { port?: number } {
  if (from.takeIf(own, 0)) return {};
  const named = ports.items().find((item) => from.text !== undefined && item.at('name').is(from.text));
  if (!named) {
    const port = from.read(portNumber);
    return port === undefined ? {} : { port };
  }
  from.takeIf(from.text ?? '');
  const { data: port = own } = portNumber.safeParse(named.at('containerPort').number);
  return port === own ? {} : { port };
}
