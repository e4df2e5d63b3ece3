import { contentOf } from '../encoding.ts';
import { type Advice, retryable } from '../errors.ts';
import { discard, type HttpAnswer, type HttpClient } from '../http-client.ts';
import { type RemoteFile, rangeHeader, type Source } from '../source.ts';

interface Content {
  readonly client: HttpClient;
  /** Where a file is asked for. */
  readonly urlOf: (file: RemoteFile) => URL;
  /** Sends a request for a file; `client.send`, unless more belongs to it. */
  readonly send?: HttpClient['send'];
  /** What to check where no server is reached. */
  readonly advice: Advice;
  /** The failure behind an answer that has no file. */
  readonly failure: (where: string, answer: HttpAnswer) => Error | Promise<Error>;
}

/**
 * Reads files whose digests are known, so that no server has to say of which version they are. Servers redirect to the hosts that
 * store them, by links that expire: these are asked directly, until they refuse.
 */
export function contentReader({
  client,
  urlOf,
  send = (...args) => client.send(...args),
  advice,
  failure,
}: Content): Required<Pick<Source, 'open' | 'plainRequest'>> {
  const locations = new Map<string, URL>();
  const locating = new Map<string, Promise<void>>();
  /** Whether the server itself sends files that it does not give in ranges, or those. */
  const isDirect = { whole: false, ranges: false };
  const kindOf = ({ ranges }: RemoteFile): keyof typeof isDirect => (ranges ? 'ranges' : 'whole');

  /** Where a file is sent from, as far as that is known. */
  const known = (file: RemoteFile): URL | undefined =>
    locations.get(file.id) ?? (isDirect[kindOf(file)] ? urlOf(file) : undefined);

  function note(file: RemoteFile, { url }: HttpAnswer): void {
    const asked = urlOf(file);
    if (url.origin !== asked.origin) locations.set(file.id, url);
    else isDirect[kindOf(file)] = url.href === asked.href;
  }

  /** Asks for a byte, once for all parts of a file: links that are signed for GET refuse HEAD. */
  async function locate(file: RemoteFile, signal: AbortSignal): Promise<void> {
    const ask = async (): Promise<void> => {
      const request = { where: file.where, advice, headers: { range: 'bytes=0-0' } };
      const answer = await send(urlOf(file), request, signal);
      discard(answer);
      if (answer.statusCode === 206) note(file, answer);
    };
    const asking = locating.get(file.id) ?? ask();
    locating.set(file.id, asking);
    try {
      await asking;
    } finally {
      locating.delete(file.id);
    }
  }

  return {
    async plainRequest(file, range, signal) {
      if (client.isProxied) return undefined;
      const isPart = range !== undefined && range.end - range.start !== file.size;
      if (isPart && !known(file)) await locate(file, signal);
      const url = known(file);
      return url && { origin: url, path: `${url.pathname}${url.search}`, headers: client.headersFor(url) };
    },

    async open(file, range, signal) {
      const { where } = file;
      const url = urlOf(file);
      const headers = range && { range: rangeHeader(range) };
      const answer = await send(url, { where, advice, ...(headers && { headers }) }, signal);
      const { statusCode } = answer;
      if (statusCode !== 200 && statusCode !== 206) throw await failure(where, answer);
      const isPart =
        statusCode === 206 && String(answer.headers['content-range']).startsWith(`bytes ${range?.start}-`);
      const isWhole = statusCode === 200 && (!range || (range.start === 0 && range.end === file.size));
      if (!isWhole && !(range && isPart)) {
        discard(answer);
        throw retryable(`${where}: the server sent another part than was asked for`);
      }
      note(file, answer);
      return contentOf(answer.body, answer.headers['content-encoding'], {
        name: file.id,
        where,
        isPart: range !== undefined,
      });
    },
  };
}
