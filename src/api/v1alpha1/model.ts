import * as z from 'zod';
import { bytes } from '../schema/quantity.ts';
import { objectName, stringMatching } from '../schema/scalars.ts';

/** Where models may lie. Not all of them can be fetched yet. */
export const schemes = ['s3', 'gs', 'az', 'https', 'http', 'hf', 'oci', 'pvc', 'file'] as const;

export const formatName = stringMatching(
  /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/,
  63,
  'the name of a format in lower case, such as sklearn or onnx',
);

/** Where a model lies and what it is: the whole of what a data scientist writes. */
export const model = z.strictObject({
  format: formatName.describe('What the model is, such as sklearn, xgboost, lightgbm or onnx.'),
  uri: stringMatching(
    new RegExp(`^(${schemes.join('|')})://[^\\x00-\\x20\\x7f]([^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?$`),
    2048,
    'a URI such as s3://bucket/iris or https://host/model.joblib, without spaces at its ends',
  ).describe('A file, an archive, or a folder of files.'),
  digest: stringMatching(/^sha256:[a-f0-9]{64}$/, 71, '"sha256:" and 64 hexadecimal digits, in lower case')
    .optional()
    .describe('The SHA-256 of the file or archive. Another content is refused.'),
  maxSize: bytes.schema
    .optional()
    .describe(
      'At most so many bytes, such as 2Gi. More is refused; the time to become ready follows from it.',
    ),
  endpoint: stringMatching(
    /^https?:\/\/[-._a-zA-Z0-9:[\]]+(\/[^?#]*)?$/,
    1024,
    'a URL such as https://minio.example:9000',
  )
    .optional()
    .describe('Where the S3 server is, if it is not AWS.'),
  region: stringMatching(/^[a-zA-Z0-9][-a-zA-Z0-9]*$/, 63, 'the name of a region, such as eu-central-1')
    .optional()
    .describe('The region of the bucket.'),
  credentials: z
    .strictObject({
      secretRef: z
        .strictObject({ name: objectName.describe('Name of the Secret, in the namespace of the model.') })
        .describe('Its keys become variables of the fetcher, such as AWS_ACCESS_KEY_ID.'),
    })
    .optional()
    .describe('With what the model is read. The operator itself never reads a Secret.'),
});

export type Model = z.infer<typeof model>;
