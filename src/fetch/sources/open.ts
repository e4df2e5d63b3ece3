import { type ModelUri, nameOf } from '#sources/uri.ts';
import type { Source } from '../source.ts';
import { fileSource } from './file.ts';

export interface SourceOptions {
  readonly anonymous: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The source that a URI names. Another scheme gets its place here. */
export async function openSource(uri: ModelUri, { anonymous, env }: SourceOptions): Promise<Source> {
  switch (uri.scheme) {
    case 's3': {
      // A client takes memory and time to load, which the other sources do not need.
      const { s3Source } = await import('./s3.ts');
      return s3Source({ bucket: uri.bucket, key: uri.key, anonymous, env });
    }
    case 'http':
    case 'https': {
      const { httpSource } = await import('./https.ts');
      return httpSource(uri.url, {
        name: nameOf(uri),
        authorization: env.DORMOUSE_HTTP_AUTHORIZATION || undefined,
      });
    }
    case 'file':
      return fileSource(uri.path);
  }
}
