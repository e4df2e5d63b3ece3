import * as z from 'zod';
import { readSchemes, schemeNames, schemes } from '#sources/schemes.ts';
import { uriCharacters } from '#sources/uri.ts';
import { bytes } from '../schema/quantity.ts';
import { objectName, stringMatching, text } from '../schema/scalars.ts';

export const formatName = stringMatching(
  /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/,
  63,
  'the name of a format in lower case, such as sklearn or onnx',
);

const pathPatterns = z.array(text(256).min(1)).min(1).max(32);

/** Where a model lies and what it is: the whole of what a data scientist writes. */
export const model = z.strictObject({
  format: formatName.describe('What the model is, such as sklearn, xgboost, lightgbm or onnx.'),
  uri: stringMatching(
    new RegExp(`^(${schemeNames.join('|')})://${uriCharacters.source.slice(1)}`, 'u'),
    2048,
    `a URI that begins with ${readSchemes('Pod')}, without control characters or a space at its end, such as ${schemes.s3.example}`,
  ).describe('A file, an archive, or a folder of files.'),
  digest: stringMatching(/^sha256:[a-f0-9]{64}$/, 71, '"sha256:" and 64 hexadecimal digits, in lower case')
    .optional()
    .describe('The SHA-256 of the file or archive. Another content is refused.'),
  maxSize: bytes.schema
    .optional()
    .describe(
      'At most so many bytes, such as 2Gi. More is refused; the time to become ready follows from it.',
    ),
  include: pathPatterns
    .optional()
    .describe(
      'Patterns of the files to fetch, such as "*.safetensors"; * stands for "/", too. Default: all.',
    ),
  exclude: pathPatterns.optional().describe('Patterns of files not to fetch.'),
  endpoint: stringMatching(
    /^https?:\/\/[-._a-zA-Z0-9:[\]]+(\/[^?#]*)?$/,
    1024,
    'a URL such as https://minio.example:9000',
  )
    .optional()
    .describe(
      'Where the server is, if it is not the cloud of the scheme, or a mirror of the Hugging Face hub.',
    ),
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
  cache: z
    .strictObject({
      claimName: objectName.describe('A PersistentVolumeClaim in the namespace of the model.'),
    })
    .optional()
    .describe('Keeps what was fetched: later pods download nothing.'),
});

export type Model = z.infer<typeof model>;
