import { type Advice, explain, permanent, retryAfter, statusError } from '../../errors.ts';
import type { S3Settings } from './settings.ts';

export interface S3Answer extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  /** The bucket's, where the server says that the request is for another one. */
  readonly Region?: string;
}

export const statusOf = (error: unknown): number | undefined => (error as S3Answer).$metadata?.httpStatusCode;

/** How to write a setting where it is wrong: a flag or variable at the prompt, a field or key of a Secret in a pod. */
const adviceOf = {
  endpoint: {
    Prompt: 'check AWS_ENDPOINT_URL',
    Pod: 'check spec.model.endpoint, or AWS_ENDPOINT_URL in its Secret',
  },
  region: { Prompt: 'set AWS_REGION', Pod: 'set spec.model.region, or AWS_REGION in its Secret' },
  noCredentials: {
    Prompt:
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a web identity, or ask without any (--anonymous)',
    Pod: 'name a Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in spec.model.credentials, or with AWS_NO_SIGN_REQUEST: "true" for a public bucket',
  },
} as const satisfies Record<string, Advice>;

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

/** The failure behind what the SDK threw. */
export function s3Error(error: unknown, where: string, settings: S3Settings): Error {
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
