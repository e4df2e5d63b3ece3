import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { request } from 'undici';
import { inject } from 'vitest';
import type { Environment } from '#fetch/settings.ts';

/** A real server, and what the tests of all stores need to know of it. */
export interface TestStore {
  readonly name: string;
  readonly endpoint: string;
  /** What `dormouse fetch` needs in its environment, with an endpoint. */
  readonly env: (endpoint?: string) => Environment;
  /** The same with credentials that are wrong, and what must be said then. */
  readonly wrong: { readonly env: Environment; readonly says: RegExp };
  readonly none: { readonly env: Environment; readonly says: RegExp };
  readonly noBucket: RegExp;
  /** How an object of a bucket is named: `s3://models`. */
  readonly root: (bucket: string) => string;
  /** `public` is one that anybody may read. */
  readonly makeBucket: (bucket: 'models' | 'public') => Promise<unknown>;
  readonly put: (bucket: string, name: string, body: Buffer | string, encoding?: string) => Promise<unknown>;
}

function s3(): TestStore {
  const { AWS_ENDPOINT_URL: endpoint = '', ...env } = inject('s3');
  const client = new S3Client({
    endpoint,
    region: env.AWS_REGION ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const withEndpoint = (at = endpoint) => ({ ...env, AWS_ENDPOINT_URL: at });
  return {
    name: 'S3',
    endpoint,
    env: withEndpoint,
    wrong: {
      env: { ...withEndpoint(), AWS_SECRET_ACCESS_KEY: 'x' },
      says: /access is denied \(403 SignatureDoesNotMatch: .*check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\.$/,
    },
    none: {
      env: { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_NO_SIGN_REQUEST: 'true' },
      says: /access is denied \(403/,
    },
    noBucket: /nothing \(404 NoSuchBucket: .*: check the URI\.$/,
    root: (bucket) => `s3://${bucket}`,
    makeBucket: async (Bucket) => {
      await client.send(new CreateBucketCommand({ Bucket }));
      if (Bucket !== 'public') return;
      await client.send(new DeletePublicAccessBlockCommand({ Bucket })).catch(() => {});
      const Statement = [
        {
          Effect: 'Allow',
          Principal: '*',
          Action: ['s3:GetObject'],
          Resource: [`arn:aws:s3:::${Bucket}/*`],
        },
      ];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    },
    put: (Bucket, Key, Body, ContentEncoding) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body, ...(ContentEncoding && { ContentEncoding }) })),
  };
}

function gs(): TestStore {
  const { endpoint, open, workload } = inject('gcs');
  const account = JSON.parse(workload);
  // Where nobody is, the library looks for a machine of Google's for seconds.
  const alone = { METADATA_SERVER_DETECTION: 'none' };
  return {
    name: 'Cloud Storage',
    endpoint,
    env: (at = endpoint) => ({ STORAGE_EMULATOR_HOST: at, 'gcloud-application-credentials.json': workload }),
    wrong: {
      env: {
        STORAGE_EMULATOR_HOST: endpoint,
        GOOGLE_CREDENTIALS: JSON.stringify({ ...account, audience: '//iam.googleapis.com/another' }),
      },
      says: /: Google gives no token \(invalid_grant: Invalid JWT Signature\.?\): check the credential/,
    },
    none: {
      env: { STORAGE_EMULATOR_HOST: endpoint, ...alone },
      says: /access is denied \(401 required: Anonymous caller does not have storage\.objects\.get access\): log in with "gcloud/,
    },
    noBucket: /nothing \(404 notFound: Not Found\): check the URI\.$/,
    root: (bucket) => `gs://${bucket}`,
    makeBucket: (name) => ask(`${open}/storage/v1/b?project=p`, JSON.stringify({ name })),
    put: (bucket, name, body, contentEncoding) => {
      const query = new URLSearchParams({
        uploadType: 'media',
        name,
        ...(contentEncoding && { contentEncoding }),
      });
      return ask(`${open}/upload/storage/v1/b/${bucket}/o?${query}`, body);
    },
  };
}

async function ask(url: string, body: Buffer | string): Promise<void> {
  const answer = await request(url, { method: 'POST', body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${text}`);
}

/** All stores. */
export const stores = [s3, gs] as const;
