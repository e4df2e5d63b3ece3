import { type Located, namedBy, UriError } from './model-uri.ts';

export interface S3Uri extends Located {
  readonly scheme: 's3';
  readonly bucket: string;
  /** An object, or what the names of several begin with up to a `/`. */
  readonly key: string;
}

/**
 * The key is taken as it stands, spaces and other scripts included, and nothing in it is decoded: so does `aws s3 cp`
 * (https://docs.aws.amazon.com/cli/latest/reference/s3/).
 */
export function parseS3(text: string): S3Uri {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/.test(bucket)) {
    throw new UriError(`${text}: "${bucket}" cannot be a bucket's name: write s3://bucket/key.`);
  }
  return { scheme: 's3', shown: text, bucket, key, ...namedBy(key) };
}
