import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { codingsOf, decoded, encoded } from '../encoding.ts';
import { ChangedError, explain, FetchError, permanent, retryAfter, statusError } from '../errors.ts';
import { behindProxy } from '../proxy.ts';
import type { PlainRequest } from '../rangeclient.ts';
import type { Range, RemoteFile, Source } from '../source.ts';

export interface S3Options {
  readonly bucket: string;
  /** An object, or what the names of several begin with up to a `/`. */
  readonly key: string;
  /** Ask without credentials. */
  readonly anonymous: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const rights =
  'check the credentials, and that they may do s3:GetObject (and, for a prefix, s3:ListBucket) there';

/** An object or all objects below a prefix, on AWS or whatever speaks its protocol. */
export function s3Source({ bucket, key, anonymous, env }: S3Options): Source {
  const client = new S3Client(clientConfig(anonymous, env));
  const shown = (name: string): string => `s3://${bucket}/${name}`;

  async function send<T>(where: string, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      throw s3Error(error, where);
    }
  }

  async function single(signal: AbortSignal): Promise<RemoteFile | undefined> {
    if (key === '' || key.endsWith('/')) return undefined;
    const head = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const found = await send(
      shown(key),
      () =>
        client.send(head, { abortSignal: signal }).catch((error) => {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }),
      signal,
    );
    if (!found) return undefined;
    const file = describe(key, posix.basename(key), found.ContentLength, found.ETag);
    // Neither a range nor a size of what is packed says anything of the file.
    const isEncoded = codingsOf(found.ContentEncoding, key).length > 0;
    return isEncoded ? { ...file, size: undefined, ranges: false } : file;
  }

  function describe(name: string, path: string, size?: number, etag?: string): RemoteFile {
    return { id: name, path, where: shown(name), size, etag, ranges: etag !== undefined };
  }

  const getObject = (file: RemoteFile, range: Range | undefined): GetObjectCommand =>
    new GetObjectCommand({
      Bucket: bucket,
      Key: file.id,
      IfMatch: file.etag,
      ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
    });

  return {
    async list(next, signal) {
      const object = next === undefined && (await single(signal));
      if (object) return { files: [object] };
      const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
      const page = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next });
      const { Contents = [], NextContinuationToken } = await send(
        shown(prefix),
        () => client.send(page, { abortSignal: signal }),
        signal,
      );
      const files = Contents
        // Consoles make an empty object for a folder.
        .filter(({ Key = '' }) => !Key.endsWith('/'))
        .map(({ Key = '', Size, ETag }) => describe(Key, Key.slice(prefix.length), Size, ETag));
      if (files.length === 0 && next === undefined && !NextContinuationToken) {
        throw permanent(
          `${shown(key)}: there is no such object, and none below ${shown(prefix)}: check the URI.`,
        );
      }
      return { files, next: NextContinuationToken };
    },

    async plainRequest(file, range) {
      return behindProxy(env) ? undefined : signedRequest(client, getObject(file, range));
    },

    async open(file, range, signal) {
      try {
        const { Body, ContentEncoding } = await client.send(getObject(file, range), { abortSignal: signal });
        const codings = codingsOf(ContentEncoding, file.id);
        if (file.ranges && codings.length > 0) {
          (Body as Readable).on('error', () => {}).destroy();
          throw encoded(file.where, codings.join(', '));
        }
        return decoded(Body as Readable, codings, file.where);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof FetchError) throw error;
        if ([412, 416].includes(statusOf(error) ?? 0)) throw new ChangedError(file.where);
        throw s3Error(error, file.where);
      }
    },

    close() {
      client.destroy();
    },
  };
}

function clientConfig(anonymous: boolean, env: S3Options['env']): S3ClientConfig {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const pathStyle = env.AWS_S3_FORCE_PATH_STYLE;
  const agent = { keepAlive: true, proxyEnv: env as NodeJS.ProcessEnv };
  return {
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    followRegionRedirects: true,
    // Servers of one's own seldom have a name for each bucket.
    forcePathStyle: pathStyle ? pathStyle.toLowerCase() === 'true' : endpoint !== undefined,
    ...(endpoint ? { endpoint } : {}),
    // Retries are ours: a part goes on where it was cut.
    maxAttempts: 1,
    // A checksum of the whole object says nothing of a part of it, and takes a core's time.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { httpAgent: new HttpAgent(agent), httpsAgent: new HttpsAgent(agent) },
    ...(anonymous
      ? {
          credentials: { accessKeyId: '', secretAccessKey: '' },
          signer: { sign: async (request) => request },
        }
      : {}),
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

interface S3Answer extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const statusOf = (error: unknown): number | undefined => (error as S3Answer).$metadata?.httpStatusCode;

function s3Error(error: unknown, where: string): Error {
  const { name, $response } = error as S3Answer;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return permanent(
      `${where}: there are no usable AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a web identity, or ask without any (--anonymous).`,
      { cause: error },
    );
  }
  const status = statusOf(error);
  if (!status || status < 400) return explain(error, where);
  if (name === 'RequestTimeTooSkewed')
    return statusError(where, { status: 503, code: name, rights, cause: error });
  return statusError(where, {
    status,
    // HEAD has no body: the SDK then makes up a name.
    code: ['Unknown', 'UnknownError', 'NotFound', 'Forbidden'].includes(name) ? undefined : name,
    retryAfterMs: retryAfter($response?.headers?.['retry-after'], Date.now()),
    rights,
    cause: error,
  });
}
