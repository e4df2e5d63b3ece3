import { parseFile } from './file.ts';
import { parseGs } from './gs.ts';
import { parseHf } from './hf.ts';
import { parseHttp } from './https.ts';
import type { Located, UriOptions } from './model-uri.ts';
import { parseOci } from './oci.ts';
import { parseS3 } from './s3.ts';

/** Where a fetch runs, and its messages are read: at a user's prompt, or in a pod whose status carries them. */
export type Place = 'Prompt' | 'Pod';

interface Scheme {
  readonly example: string;
  /** The places in which the fetcher reads it. */
  readonly fetchedIn: readonly Place[];
  /** Whether a pod can have it as a volume. */
  readonly mounted?: true;
  /**
   * Reads the text of a URI, which is of this scheme. @throws UriError
   * The fetcher has the source of what it gives in `src/fetch/sources/open.ts`.
   */
  readonly parse?: (text: string, options: UriOptions) => Located;
}

const everywhere: readonly Place[] = ['Prompt', 'Pod'];

/**
 * All schemes that the URI of a model may have. A server can read more of them itself than the fetcher does. A pod has no
 * files but those of its image, and http is read only where the user allows it at the prompt.
 */
export const schemes = {
  s3: { example: 's3://bucket/iris', fetchedIn: everywhere, parse: parseS3 },
  gs: { example: 'gs://bucket/iris', fetchedIn: everywhere, parse: parseGs },
  https: { example: 'https://models.example.com/iris.tar.gz', fetchedIn: everywhere, parse: parseHttp },
  file: { example: 'file:///models/iris', fetchedIn: ['Prompt'], parse: parseFile },
  http: { example: 'http://models.example.com/iris.tar.gz', fetchedIn: [], parse: parseHttp },
  az: { example: 'az://account/container/iris', fetchedIn: [] },
  hf: { example: 'hf://organization/model', fetchedIn: everywhere, parse: parseHf },
  oci: {
    example: 'oci://registry.example.com/iris:v3',
    fetchedIn: everywhere,
    mounted: true,
    parse: parseOci,
  },
  pvc: { example: 'pvc://claim/iris', fetchedIn: [], mounted: true },
} as const satisfies Record<string, Scheme>;

export type SchemeName = keyof typeof schemes;

export const schemeNames = Object.keys(schemes) as [SchemeName, ...SchemeName[]];

/** The scheme of a URI as it stands, in lower case; undefined where it has none. */
export const schemeOf = (uri: string): string | undefined =>
  /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(uri)?.[1]?.toLowerCase();

export const isScheme = (name: string | undefined): name is SchemeName =>
  name !== undefined && Object.hasOwn(schemes, name);

/** Whether the fetcher reads a scheme in some place. */
export const isFetched = (name: string | undefined, place: Place): boolean =>
  isScheme(name) && (schemes[name].fetchedIn as readonly Place[]).includes(place);

/** Whether a pod can have the models of a scheme as a volume. */
export const isMounted = (name: string | undefined): boolean => isScheme(name) && 'mounted' in schemes[name];

/** The schemes that can be read in some place: `s3://, gs://, https:// or pvc://`. */
export function readSchemes(place: Place): string {
  const names = schemeNames
    .filter((name) => isFetched(name, place) || (place === 'Pod' && isMounted(name)))
    .map((name) => `${name}://`);
  return [names.slice(0, -1).join(', '), names.at(-1)].join(' or ');
}

/** What is wrong with a URI whose scheme the fetcher does not read in some place, and what to write instead. */
export function unreadScheme(name: string | undefined, place: Place): string {
  const use = `use ${readSchemes(place)}`;
  if (name === undefined) return `it has no scheme: ${use}`;
  if (!isScheme(name)) return `the scheme ${name}:// is unknown: ${use}`;
  if (isMounted(name)) return `${name}:// is a volume of a pod, and nothing is fetched from it: ${use}`;
  if (name === 'file' || name === 'http') return `${name}:// cannot be read in a pod: ${use}`;
  return `${name}:// cannot be read yet: ${use}`;
}
