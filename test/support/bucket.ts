import { readFile } from 'node:fs/promises';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { storageImageName } from '../images/storage.ts';
import { runKubectl, type Target } from './kubectl.ts';
import { portForward } from './port-forward.ts';

const port = 7070;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };

/** An S3 server in a namespace of the cluster. */
export interface Bucket {
  /** What a client in the cluster needs, as the data of a Secret. */
  readonly secret: Readonly<Record<string, string>>;
  /** Puts a file of this machine into the bucket `models`. */
  readonly put: (key: string, file: string) => Promise<void>;
  /** Writes objects into the bucket `models`, by their keys. */
  readonly write: (objects: Readonly<Record<string, string | Buffer>>) => Promise<void>;
}

/** Starts an S3 server with an empty bucket `models`; it goes with its namespace. */
export async function startBucket(cluster: Target, namespace: string): Promise<Bucket> {
  const kubectl = (...args: string[]) =>
    runKubectl(cluster, ['--namespace', namespace, ...args], JSON.stringify(manifests()));
  await kubectl('apply', '-f', '-');
  await kubectl('rollout', 'status', 'deployment/s3', '--timeout=120s');
  const use = async (work: (client: S3Client) => Promise<unknown>): Promise<void> => {
    const { kubeconfig, kubectl: file } = cluster;
    await using way = await portForward([file, `--kubeconfig=${kubeconfig}`], namespace, 's3', port);
    const endpoint = `http://${way.host}:${way.port}`;
    await work(new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials }));
  };
  const write: Bucket['write'] = (objects) =>
    use(async (client) => {
      for (const [Key, Body] of Object.entries(objects))
        await client.send(new PutObjectCommand({ Bucket: 'models', Key, Body }));
    });
  await use((client) => client.send(new CreateBucketCommand({ Bucket: 'models' })));
  return {
    secret: {
      AWS_ENDPOINT_URL: `http://s3.${namespace}.svc.cluster.local:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    put: async (key, file) => write({ [key]: await readFile(file) }),
    write,
  };
}

function manifests() {
  const labels = { app: 's3' };
  const container = {
    name: 's3',
    image: storageImageName,
    args: [
      ...['--port', `:${port}`, '--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey],
      ...['posix', '--sidecar', '/data/attributes', '/data/store'],
    ],
    workingDir: '/data',
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'store', mountPath: '/data/store' },
      { name: 'attributes', mountPath: '/data/attributes' },
    ],
  };
  const volumes = ['store', 'attributes'].map((name) => ({ name, emptyDir: {} }));
  const template = {
    metadata: { labels },
    spec: { containers: [container], volumes, terminationGracePeriodSeconds: 1 },
  };
  const items = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 's3' },
      spec: { selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's3' },
      spec: { selector: labels, ports: [{ port }] },
    },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}
