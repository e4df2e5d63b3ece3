import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { S3Uri } from '#sources/s3.ts';
import { contentOf } from '../../encoding.ts';
import { ChangedError, FetchError } from '../../errors.ts';
import type { PlainRequest } from '../../rangeclient.ts';
import { type Environment, hasProxy } from '../../settings.ts';
import { type Range, type RemoteFile, rangeHeader, type Source, type SourceOptions } from '../../source.ts';
import { listObjects, type StoredObject } from '../objects.ts';
import { type S3Answer, s3Error, statusOf } from './errors.ts';
import { readS3Settings, type S3Settings } from './settings.ts';

/** An object or all objects below a prefix, on AWS or whatever speaks its protocol. */
export function openSource({ bucket, key }: S3Uri, { env, flags }: SourceOptions): Source {
  const settings = readS3Settings(env, flags);
  const proxied = hasProxy(env);
  let region = settings.region ?? 'us-east-1';
  let client = new S3Client(clientConfig(settings, env));
  const shown = (name: string): string => `s3://${bucket}/${name}`;

  /** Turns to the region that the server names, once for all requests to come: the SDK would do so with each. */
  async function send<T>(where: string, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await call().catch((error) => {
        const named = regionElsewhere(error);
        if (named === undefined) throw error;
        region = named;
        client.destroy();
        client = new S3Client(clientConfig({ ...settings, region }, env));
        return call();
      });
    } catch (error) {
      signal.throwIfAborted();
      throw s3Error(error, where, settings);
    }
  }

  /** The region of the bucket, where a server says that it is not the one that was asked. */
  function regionElsewhere(error: unknown): string | undefined {
    const named = (error as S3Answer).$response?.headers?.['x-amz-bucket-region'];
    return named !== region && [301, 307, 400, 403].includes(statusOf(error) ?? 0) ? named : undefined;
  }

  async function find(name: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const head = new HeadObjectCommand({ Bucket: bucket, Key: name });
    const found = await send(
      shown(name),
      () =>
        client.send(head, { abortSignal: signal }).catch((error) => {
          const status = statusOf(error) ?? 0;
          if (status === 404) return undefined;
          // An answer to HEAD has no body, which would say why.
          if (status >= 300 && status < 500 && !regionElsewhere(error)) return firstByte(signal);
          throw error;
        }),
      signal,
    );
    return found && { name, size: found.ContentLength, etag: found.ETag, encoding: found.ContentEncoding };
  }

  /** What HEAD says, by a GET. */
  async function firstByte(signal: AbortSignal) {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' });
    const { Body, ContentRange, ETag, ContentEncoding } = await client.send(command, { abortSignal: signal });
    (Body as Readable).on('error', () => {}).destroy();
    const size = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
    return { ContentLength: size === undefined ? undefined : Number(size), ETag, ContentEncoding };
  }

  async function page(prefix: string, next: string | undefined, signal: AbortSignal) {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next });
    const { Contents = [], NextContinuationToken } = await send(
      shown(prefix),
      () => client.send(command, { abortSignal: signal }),
      signal,
    );
    const objects = Contents.map(({ Key = '', Size, ETag }) => ({ name: Key, size: Size, etag: ETag }));
    return { objects, next: NextContinuationToken };
  }

  const getObject = (file: RemoteFile, range: Range | undefined): GetObjectCommand =>
    new GetObjectCommand({
      Bucket: bucket,
      Key: file.id,
      IfMatch: file.etag,
      ...(range ? { Range: rangeHeader(range) } : {}),
    });

  return {
    list: (next, signal) => listObjects({ shown, find, page }, key, next, signal),

    async plainRequest(file, range) {
      return proxied ? undefined : signedRequest(client, getObject(file, range));
    },

    async open(file, range, signal) {
      try {
        const { Body, ContentEncoding } = await client.send(getObject(file, range), { abortSignal: signal });
        const content = { name: file.id, where: file.where, isPart: file.ranges };
        return contentOf(Body as Readable, ContentEncoding, content);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof FetchError) throw error;
        if ([412, 416].includes(statusOf(error) ?? 0)) throw new ChangedError(file.where);
        throw s3Error(error, file.where, settings);
      }
    },

    close() {
      client.destroy();
    },
  };
}

function clientConfig(settings: S3Settings, env: Environment): S3ClientConfig {
  const { endpoint, region = 'us-east-1', pathStyle, anonymous, credentials } = settings;
  const agent = { keepAlive: true, proxyEnv: env as NodeJS.ProcessEnv };
  return {
    region,
    forcePathStyle: pathStyle,
    ...(endpoint ? { endpoint } : {}),
    // Retries are ours: a part goes on where it was cut.
    maxAttempts: 1,
    // A checksum of the whole object says nothing of a part of it, and takes a core's time.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: 10_000,
    },
    ...(anonymous
      ? {
          credentials: { accessKeyId: '', secretAccessKey: '' },
          signer: { sign: async (request) => request },
        }
      : credentials && { credentials }),
  };
}

/** The request as the SDK would send it, signed. */
async function signedRequest(client: S3Client, command: GetObjectCommand): Promise<PlainRequest | undefined> {
  let signed: SignedRequest | undefined;
  command.middlewareStack.addRelativeTo(
    () => async (args: { readonly request: unknown }) => {
      signed = args.request as SignedRequest;
      return { response: undefined, output: { $metadata: {} } };
    },
    { relation: 'after', toMiddleware: 'httpSigningMiddleware', name: 'keepRequest' },
  );
  await client.send(command);
  if (!signed) return undefined;
  const { protocol, hostname, port, path, query, headers } = signed;
  const origin = new URL(`${protocol}//${hostname}${port ? `:${port}` : ''}`);
  const search = new URLSearchParams(query).toString();
  const names = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { origin, path: search ? `${path}?${search}` : path, headers: Object.fromEntries(names) };
}

interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Readonly<Record<string, string>>;
}
