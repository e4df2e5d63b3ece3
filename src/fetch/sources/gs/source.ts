import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import type { GsUri } from '#sources/gs.ts';
import { contentOf } from '../../encoding.ts';
import { ChangedError, explain } from '../../errors.ts';
import { discard } from '../../http-client.ts';
import { hasProxy } from '../../settings.ts';
import { type Range, type RemoteFile, rangeHeader, type Source, type SourceOptions } from '../../source.ts';
import { listObjects, type StoredObject } from '../objects.ts';
import { gsError } from './errors.ts';
import { readGsSettings } from './settings.ts';
import { Tokens } from './tokens.ts';

/** An object of https://cloud.google.com/storage/docs/json_api/v1/objects#resource, as far as it is asked for. */
interface GsObject {
  readonly name: string;
  readonly size: string;
  readonly generation: string;
  readonly contentEncoding?: string;
}
const fields = 'name,size,generation,contentEncoding';
const generationHeader = 'x-goog-generation';

/**
 * An object or all objects below a prefix, by the JSON API. Google's own client has no part in it but the tokens: it takes
 * a request for each range into streams of its own, and twice the memory to load.
 */
export function openSource({ bucket, key }: GsUri, { env, flags }: SourceOptions): Source {
  const settings = readGsSettings(env, flags);
  const proxied = hasProxy(env);
  const tokens = new Tokens(settings);
  // The reader limits silence, for all sources alike.
  const dispatcher = new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  const origin = new URL(settings.endpoint);
  const objects = `${origin.pathname.replace(/\/$/, '')}/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const shown = (name: string): string => `gs://${bucket}/${name}`;
  const pathOf = (name: string, query: Record<string, string>): string =>
    `${objects}/${encodeURIComponent(name)}?${new URLSearchParams(query)}`;

  /** The answer to a request, which may say anything. */
  async function ask(path: string, where: string, signal: AbortSignal, headers: Record<string, string> = {}) {
    const send = async (): Promise<Dispatcher.ResponseData> => {
      const who = await tokens.headers(where, signal);
      return request(new URL(path, origin), {
        dispatcher,
        signal,
        headers: { ...headersOf(who), ...headers },
      }).catch((error) => {
        signal.throwIfAborted();
        throw explain(error, settings.isElsewhere ? `${where} from ${settings.endpoint}` : where, {
          Prompt: 'check --endpoint or STORAGE_EMULATOR_HOST, and the network',
          Pod: 'check spec.model.endpoint, and the network',
        });
      });
    };
    const answer = await send();
    if (![401, 403].includes(answer.statusCode) || !(await tokens.find(where, signal))) return answer;
    discard(answer);
    return send();
  }

  async function failure(answer: Dispatcher.ResponseData, where: string): Promise<Error> {
    return gsError(answer, where, tokens.isAnonymous);
  }

  async function find(name: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const answer = await ask(pathOf(name, { fields }), shown(name), signal);
    if (answer.statusCode === 200) return describe((await answer.body.json()) as GsObject);
    // The list says whether it is the object or the bucket that is not there.
    if (answer.statusCode !== 404) throw await failure(answer, shown(name));
    discard(answer);
    return undefined;
  }

  async function page(prefix: string, next: string | undefined, signal: AbortSignal) {
    const query = { prefix, fields: `nextPageToken,items(${fields})`, ...(next && { pageToken: next }) };
    const answer = await ask(`${objects}?${new URLSearchParams(query)}`, shown(prefix), signal);
    if (answer.statusCode !== 200) throw await failure(answer, shown(prefix));
    const { items = [], nextPageToken } = (await answer.body.json()) as {
      readonly items?: readonly GsObject[];
      readonly nextPageToken?: string;
    };
    return { objects: items.map(describe), next: nextPageToken || undefined };
  }

  /** A download of the very version that was listed, whatever is uploaded meanwhile. */
  const mediaOf = ({ id, etag = '' }: RemoteFile): string =>
    pathOf(id, { alt: 'media', ifGenerationMatch: etag });

  return {
    list: (next, signal) => listObjects({ shown, find, page }, key, next, signal),

    async plainRequest(file, _, signal) {
      if (proxied) return undefined;
      const headers = headersOf(await tokens.headers(file.where, signal));
      return { origin, path: mediaOf(file), headers, versionHeader: generationHeader };
    },

    async open(file, range, signal) {
      const answer = await ask(mediaOf(file), file.where, signal, {
        ...rangeOf(range),
        // What is stored as gzip would be unpacked on the way otherwise (https://cloud.google.com/storage/docs/transcoding).
        ...(file.ranges ? {} : { 'accept-encoding': 'gzip' }),
      });
      const { statusCode, headers } = answer;
      const isOther = headers[generationHeader] !== undefined && headers[generationHeader] !== file.etag;
      if (statusCode === 412 || statusCode === 416 || (statusCode < 300 && isOther)) {
        discard(answer);
        throw new ChangedError(file.where);
      }
      if (statusCode !== (range ? 206 : 200)) throw await failure(answer, file.where);
      const content = { name: file.id, where: file.where, isPart: file.ranges };
      return contentOf(answer.body, headers['content-encoding'], content);
    },

    close() {
      void dispatcher.destroy();
    },
  };
}

const describe = ({ name, size, generation, contentEncoding }: GsObject): StoredObject => ({
  name,
  size: Number(size),
  etag: generation,
  encoding: contentEncoding,
});

const headersOf = (who: Record<string, string>): Record<string, string> => ({
  'accept-encoding': 'identity',
  'user-agent': 'dormouse',
  ...who,
});

const rangeOf = (range: Range | undefined): Record<string, string> =>
  range ? { range: rangeHeader(range) } : {};
