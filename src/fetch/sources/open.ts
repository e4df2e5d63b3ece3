import { type ModelUri, nameOf } from '#sources/uri.ts';
import { type Environment, readAuthorization, readS3Settings, type S3Flags } from '../settings.ts';
import type { Source } from '../source.ts';
import { fileSource } from './file.ts';

export interface SourceOptions extends S3Flags {
  readonly env: Environment;
}

/**
 * The source that a URI names. Another scheme gets its place here.
 * @throws FetchError where a setting is wrong
 */
export async function openSource(uri: ModelUri, { env, ...flags }: SourceOptions): Promise<Source> {
  switch (uri.scheme) {
    case 's3': {
      const settings = readS3Settings(env, flags);
      // A client takes memory and time to load, which the other sources do not need.
      const { s3Source } = await import('./s3.ts');
      return s3Source({ bucket: uri.bucket, key: uri.key, settings, env });
    }
    case 'http':
    case 'https': {
      const authorization = readAuthorization(env);
      const { httpSource } = await import('./https.ts');
      return httpSource(uri.url, { name: nameOf(uri), authorization });
    }
    case 'file':
      return fileSource(uri.path);
  }
}
