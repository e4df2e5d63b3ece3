import type { ModelUri } from '#sources/uri.ts';
import type { Source, SourceOptions } from '../source.ts';

type Opener<U> = (uri: U, options: SourceOptions) => Source;
type Openers = {
  readonly [Name in ModelUri['scheme']]: () => Promise<{
    readonly openSource: Opener<Extract<ModelUri, { scheme: Name }>>;
  }>;
};

const https = () => import('./https/source.ts');

/** The source of each scheme. A client takes memory and time to load, which the other sources do not need. */
const openers: Openers = {
  s3: () => import('./s3/source.ts'),
  gs: () => import('./gs/source.ts'),
  https,
  http: https,
  oci: () => import('./oci/source.ts'),
  hf: () => import('./hf/source.ts'),
  file: () => import('./file.ts'),
};

/**
 * The source that a URI names.
 * @throws FetchError where a setting is wrong
 */
export async function openSource(uri: ModelUri, options: SourceOptions): Promise<Source> {
  const { openSource: open } = await openers[uri.scheme]();
  return (open as Opener<ModelUri>)(uri, options);
}
