import type { Dispatcher } from 'undici';
import type { HttpUri } from '#sources/https.ts';
import { codingsOf, contentOf } from '../../encoding.ts';
import { type Advice, ChangedError, retryAfter, statusError } from '../../errors.ts';
import { discard, HttpClient } from '../../http-client.ts';
import { type Range, type RemoteFile, rangeHeader, type Source, type SourceOptions } from '../../source.ts';
import { readAuthorization } from './settings.ts';

const rights: Advice = {
  Prompt:
    'give a valid "Bearer ..." or "Basic ..." in DORMOUSE_HTTP_AUTHORIZATION, or a link that has not expired',
  Pod: 'give a valid "Bearer ..." or "Basic ..." under the key DORMOUSE_HTTP_AUTHORIZATION of the Secret that spec.model.credentials names, or a link that has not expired',
};
/**
 * One file on a web server. Ranges are asked for with `If-Range`, so that what a server sends in parts is of one
 * version (RFC 9110, section 13.1.5); without a strong validator the file is taken in one piece.
 */
export function openSource({ url, name, shown: where }: HttpUri, { env }: SourceOptions): Source {
  const authorization = readAuthorization(env);
  const client = new HttpClient((at) => (at.origin === url.origin ? authorization : undefined));

  /** Where the redirects led last. */
  let final = url;

  async function get(headers: Record<string, string>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const answer = await client.send(url, { where, headers }, signal);
    final = answer.url;
    return answer;
  }

  function failure(answer: Dispatcher.ResponseData): Error {
    discard(answer);
    return statusError(where, {
      status: answer.statusCode,
      retryAfterMs: retryAfter(answer.headers['retry-after'], Date.now()),
      rights,
    });
  }

  return {
    // A GET of one byte: links that are signed for GET refuse HEAD.
    async list(_, signal) {
      const answer = await get({ range: 'bytes=0-0' }, signal);
      const { statusCode, headers } = answer;
      const file = { id: url.href, path: name, where, etag: validator(headers) };
      if (statusCode === 416) {
        discard(answer);
        return { files: [{ ...file, size: 0, ranges: false }] };
      }
      if (statusCode !== 200 && statusCode !== 206) throw failure(answer);
      discard(answer);
      // Neither a range nor a size of what is packed says anything of the file.
      if (codingsOf(headers['content-encoding'], name).length > 0)
        return { files: [{ ...file, ranges: false }] };
      if (statusCode === 206) {
        const size = contentRange(headers)?.size;
        return { files: [{ ...file, size, ranges: size !== undefined && file.etag !== undefined }] };
      }
      const length = headers['content-length'];
      return { files: [{ ...file, size: length === undefined ? undefined : Number(length), ranges: false }] };
    },

    async plainRequest(file, range) {
      if (client.isProxied) return undefined;
      const { range: _, ...headers } = range ? rangeHeaders(file, range) : {};
      return {
        origin: final,
        path: `${final.pathname}${final.search}`,
        headers: client.headersFor(final, headers),
      };
    },

    async open(file, range, signal) {
      const answer = await get(range ? rangeHeaders(file, range) : {}, signal);
      const { statusCode } = answer;
      if (statusCode === 412 || statusCode === 416) {
        discard(answer);
        throw new ChangedError(where);
      }
      if (statusCode !== 200 && statusCode !== 206) throw failure(answer);
      if (!isSame(file, range, answer)) {
        discard(answer);
        throw new ChangedError(where);
      }
      return contentOf(answer.body, answer.headers['content-encoding'], {
        name,
        where,
        isPart: range !== undefined,
      });
    },

    close() {
      client.close();
    },
  };
}

function rangeHeaders(file: RemoteFile, range: Range): Record<string, string> {
  const etag = file.etag ?? '';
  return { range: rangeHeader(range), 'if-range': etag };
}

function isSame(file: RemoteFile, range: Range | undefined, answer: Dispatcher.ResponseData): boolean {
  if (validator(answer.headers) !== file.etag) return false;
  if (!range) return answer.statusCode === 200;
  const got = contentRange(answer.headers);
  return answer.statusCode === 206 && got?.start === range.start && got.size === file.size;
}

/**
 * A strong ETag, else the date of the last change where it is a strong validator: the file cannot have changed twice
 * within its second (RFC 9110, section 8.8.2.2).
 */
function validator(headers: Dispatcher.ResponseData['headers']): string | undefined {
  const { etag, 'last-modified': modified, date } = headers;
  if (typeof etag === 'string' && etag.startsWith('"')) return etag;
  if (typeof modified !== 'string' || typeof date !== 'string') return undefined;
  return Date.parse(date) - Date.parse(modified) >= 60_000 ? modified : undefined;
}

function contentRange(
  headers: Dispatcher.ResponseData['headers'],
): { start: number; size: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(headers['content-range']));
  return match ? { start: Number(match[1]), size: Number(match[2]) } : undefined;
}
