import { Duplex } from 'node:stream';
import { type Dispatcher, WebSocket } from 'undici';
import type { Authorization, Connection } from './connection.ts';

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** The kubelet's protocol: a byte with the channel before each message (kubelet `pkg/cri/streaming/portforward`). */
const protocol = 'v4.channel.k8s.io';
const channels = { data: 0, error: 1 } as const;

/**
 * A connection to a port of a pod, through the API server. It takes the right to `create` and `get` `pods/portforward`.
 * @throws if the API server or the kubelet refuses
 */
export async function portForward(connection: Connection, target: PodPort): Promise<Duplex> {
  const { namespace, pod, port } = target;
  const authorization = await connection.authorize();
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
  const url = connection.server.replace(/\/$/, '').replace(/^http/, 'ws') + path;
  const socket = new WebSocket(url, {
    protocols: protocol,
    dispatcher: identified(authorization),
  });
  socket.binaryType = 'arraybuffer';
  const stream = streamOf(socket);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    // The event says nothing of the status that the server answered with.
    socket.addEventListener('error', () =>
      reject(
        new Error(
          `the API server forwards no port of pod ${namespace}/${pod}: that takes the rights to get and to create pods/portforward in namespace ${namespace}`,
        ),
      ),
    );
  });
  return stream;
}

/**
 * Adds the headers of an authorization to each request. A WebSocket takes headers too, but joins the values of one with
 * commas, and the API server takes each Impersonate-Group for one group.
 */
const identified = ({ headers, dispatcher }: Authorization): Dispatcher =>
  dispatcher.compose((dispatch) => (options, handler) => {
    const own = Object.entries((options.headers ?? {}) as Record<string, string>);
    return dispatch({ ...options, headers: { ...Object.fromEntries(own), ...headers } }, handler);
  });

function streamOf(socket: WebSocket): Duplex {
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => {
      socket.send(Buffer.concat([Buffer.of(channels.data), chunk]));
      done();
    },
    destroy: (error, done) => {
      socket.close();
      done(error);
    },
  });
  /** Each channel begins with the number of the port. */
  const begun = new Set<number>();
  socket.addEventListener('message', ({ data }) => {
    const message = Buffer.from(data as ArrayBuffer);
    const [channel = channels.error] = message;
    const content = message.subarray(1);
    if (!begun.has(channel)) begun.add(channel);
    else if (channel === channels.data) stream.push(content);
    else stream.destroy(new Error(`port-forward: ${content.toString()}`));
  });
  socket.addEventListener('close', () => stream.push(null));
  return stream;
}
