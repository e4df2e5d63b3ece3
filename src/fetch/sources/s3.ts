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
import {
  type Advice,
  ChangedError,
  explain,
  FetchError,
  permanent,
  retryAfter,
  statusError,
} from '../errors.ts';
import type { PlainRequest } from '../rangeclient.ts';
import { adviceOf, type Environment, hasProxy, type S3Settings } from '../settings.ts';
import type { Range, RemoteFile, Source } from '../source.ts';

export interface S3Options {
  readonly bucket: string;
  /** An object, or what the names of several begin with up to a `/`. */
  readonly key: string;
  readonly settings: S3Settings;
  /** Names the proxies. */
  readonly env: Environment;
}

/** An object or all objects below a prefix, on AWS or whatever speaks its protocol. */
export function s3Source({ bucket, key, settings, env }: S3Options): Source {
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

  async function single(signal: AbortSignal): Promise<RemoteFile | undefined> {
    if (key === '' || key.endsWith('/')) return undefined;
    const head = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const found = await send(
      shown(key),
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
    if (!found) return undefined;
    const file = describe(key, posix.basename(key), found.ContentLength, found.ETag);
    // Neither a range nor a size of what is packed says anything of the file.
    const isEncoded = codingsOf(found.ContentEncoding, key).length > 0;
    return isEncoded ? { ...file, size: undefined, ranges: false } : file;
  }

  /** What HEAD says, by a GET. */
  async function firstByte(signal: AbortSignal) {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' });
    const { Body, ContentRange, ETag, ContentEncoding } = await client.send(command, { abortSignal: signal });
    (Body as Readable).on('error', () => {}).destroy();
    const size = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
    return { ContentLength: size === undefined ? undefined : Number(size), ETag, ContentEncoding };
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
          `${shown(key)}: there is no such object, and none below ${shown(prefix)}: check the URI${hintOf(key)}.`,
        );
      }
      return { files, next: NextContinuationToken };
    },

    async plainRequest(file, range) {
      return proxied ? undefined : signedRequest(client, getObject(file, range));
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
        throw s3Error(error, file.where, settings);
      }
    },

    close() {
      client.destroy();
    },
  };
}

/** Keys that were copied from a browser are encoded. */
const hintOf = (key: string): string =>
  /%[0-9a-f]{2}/i.test(key) ? ', and write the characters themselves: in a key of s3 nothing is decoded' : '';

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

interface S3Answer extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  /** The bucket's, where the server says that the request is for another one. */
  readonly Region?: string;
}

const statusOf = (error: unknown): number | undefined => (error as S3Answer).$metadata?.httpStatusCode;

const rights =
  'check the credentials, and that they may do s3:GetObject (and, for a prefix, s3:ListBucket) there';
const renew = 'renew the credentials, AWS_SESSION_TOKEN too';
const keys = 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** What to do about what S3 says (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
const adviceByCode: Readonly<Record<string, Advice>> = {
  AuthorizationHeaderMalformed: adviceOf.region,
  IllegalLocationConstraintException: adviceOf.region,
  PermanentRedirect: adviceOf.region,
  ExpiredToken: renew,
  InvalidToken: renew,
  TokenRefreshRequired: renew,
  InvalidAccessKeyId: keys,
  SignatureDoesNotMatch: keys,
  RequestTimeTooSkewed: 'set the clock of this machine, or of the server',
  InvalidObjectState: 'restore the object from its archive, or copy it to another storage class',
  SlowDown: 'ask less at once, or spread the models over more prefixes',
};

function adviceFor(status: number, code: string, message: string): Advice | undefined {
  if (/kms/i.test(`${code} ${message}`)) return 'allow kms:Decrypt with the key of the object';
  return adviceByCode[code] ?? (status === 301 ? adviceOf.region : undefined);
}

function s3Error(error: unknown, where: string, settings: S3Settings): Error {
  const { name, message, $response, Region } = error as S3Answer;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const found = settings.unread.length > 0 ? `, and ${settings.unread.join(', ')} is not read` : '';
    return permanent(`${where}: there are no usable AWS credentials${found}`, {
      advice: adviceOf.noCredentials,
      cause: error,
    });
  }
  const status = statusOf(error);
  if (!status || status < 300) return explain(error, fromWhere(where, settings), unreachableAdvice(settings));
  // The SDK makes up a name where the answer has no body.
  const isNamed = !['Unknown', 'UnknownError', 'NotFound', 'Forbidden'].includes(name);
  const region = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  const advice = isNamed || status === 301 ? adviceFor(status, name, message) : undefined;
  return statusError(where, {
    status,
    ...(isNamed && { code: name, message }),
    retryAfterMs: retryAfter($response?.headers?.['retry-after'], Date.now()),
    rights,
    advice: advice === adviceOf.region && region ? regionAdvice(region) : advice,
    cause: error,
  });
}

const regionAdvice = (region: string): Advice => ({
  Prompt: `${adviceOf.region.Prompt} to ${region}`,
  Pod: `${adviceOf.region.Pod}, to ${region}`,
});

const fromWhere = (where: string, { endpoint }: S3Settings): string =>
  endpoint ? `${where} from ${endpoint}` : where;

/** Without an endpoint, a server that is not AWS was perhaps forgotten. */
const unreachableAdvice = ({ endpoint }: S3Settings): Advice =>
  endpoint
    ? adviceOf.endpoint
    : {
        Prompt: 'set AWS_ENDPOINT_URL if the bucket is not on AWS, and check the network',
        Pod: 'set spec.model.endpoint if the bucket is not on AWS, and check the network',
      };
