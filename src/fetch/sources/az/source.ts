import type { AzUri } from '#sources/az.ts';
import { contentOf } from '../../encoding.ts';
import { type Advice, ChangedError } from '../../errors.ts';
import { discard, type HttpAnswer, HttpClient } from '../../http-client.ts';
import { type Range, type RemoteFile, rangeHeader, type Source, type SourceOptions } from '../../source.ts';
import { listObjects, type StoredObject } from '../objects.ts';
import { azError } from './errors.ts';
import { readAzSettings } from './settings.ts';
import { sharedKey } from './shared-key.ts';
import { Tokens } from './tokens.ts';
import { element } from './xml.ts';

/** Older ones than 2021-02-12 do not say which blobs are folders, or have lists that are no XML for some names. */
const version = '2021-12-02';
const unreachable: Advice = {
  Prompt: 'check the account in the URI, --endpoint or AZURE_STORAGE_ENDPOINT, and the network',
  Pod: 'check the account in spec.model.uri, spec.model.endpoint, and the network',
};

/**
 * A blob or all blobs below a prefix, by the REST API of Blob Storage
 * (https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api). Of that, a fetch needs three requests; Azure's own
 * client is 1.3 MB of program and 29 MB of memory, and takes each range into streams of its own.
 */
export function openSource({ account, container, key }: AzUri, { env, flags }: SourceOptions): Source {
  const { endpoint, isElsewhere, credentials } = readAzSettings(env, account, flags);
  const origin = new URL(endpoint);
  const client = new HttpClient((url, said) => {
    if (url.origin !== origin.origin) return undefined;
    return credentials.by === 'key' ? sharedKey(account, credentials.key, url, said) : tokens?.header;
  });
  const tokens = credentials.by === 'identity' ? new Tokens(client, credentials) : undefined;
  const shown = (name: string): string => `az://${account}/${container}/${name}`;

  function urlOf(name: string, query: Record<string, string> = {}): URL {
    const path = [container, ...(name ? name.split('/') : [])].map(encodeURIComponent).join('/');
    // A space is %20 there, and never the + of forms.
    const asked = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const signed = credentials.by === 'sas' ? credentials.query : '';
    return new URL(`${endpoint}/${path}?${[asked, signed].filter(Boolean).join('&')}`);
  }

  const headersOf = (file?: RemoteFile, range?: Range): Record<string, string> => ({
    'x-ms-version': version,
    'x-ms-date': new Date().toUTCString(),
    // The very version that was listed, whatever is uploaded meanwhile.
    ...(file?.etag && { 'if-match': file.etag }),
    ...(range && { range: rangeHeader(range) }),
  });

  /** The answer to a request, which may say anything. */
  async function ask(
    url: URL,
    where: string,
    signal: AbortSignal,
    { headers = headersOf(), isHead = false } = {},
  ): Promise<HttpAnswer> {
    await tokens?.refresh(where, signal);
    const from = isElsewhere ? `${where} from ${endpoint}` : where;
    return client.send(url, { where: from, headers, isHead, advice: unreachable }, signal);
  }

  async function find(name: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const answer = await ask(urlOf(name), shown(name), signal, { isHead: true });
    const { statusCode, headers } = answer;
    // The list says whether it is the blob or the container that is not there.
    if (statusCode !== 200 && statusCode !== 404) throw await azError(shown(name), answer, credentials.by);
    discard(answer);
    const isFolder =
      headers['x-ms-resource-type'] === 'directory' || headers['x-ms-meta-hdi_isfolder'] === 'true';
    if (statusCode === 404 || isFolder) return undefined;
    return {
      name,
      size: Number(headers['content-length']),
      etag: headers.etag?.toString(),
      encoding: headers['content-encoding']?.toString(),
    };
  }

  async function page(prefix: string, next: string | undefined, signal: AbortSignal) {
    const url = urlOf('', {
      restype: 'container',
      comp: 'list',
      include: 'metadata',
      // A page of 5000, which it sends else, would take megabytes.
      maxresults: '1000',
      prefix,
      ...(next && { marker: next }),
    });
    const answer = await ask(url, shown(prefix), signal);
    if (answer.statusCode !== 200) throw await azError(shown(prefix), answer, credentials.by);
    const xml = await answer.body.text();
    const blobs = xml.match(/<Blob>.*?<\/Blob>/gs) ?? [];
    return {
      objects: blobs.filter((blob) => !isFolderIn(blob)).map(describe),
      next: element(xml, 'NextMarker') || undefined,
    };
  }

  return {
    list: (next, signal) => listObjects({ shown, find, page }, key, next, signal),

    async plainRequest(file, range, signal) {
      if (client.isProxied) return undefined;
      await tokens?.refresh(file.where, signal);
      const url = urlOf(file.id);
      const headers = client.headersFor(url, headersOf(file, range));
      return { origin: url, path: `${url.pathname}${url.search}`, headers };
    },

    async open(file, range, signal) {
      const answer = await ask(urlOf(file.id), file.where, signal, { headers: headersOf(file, range) });
      const { statusCode, headers } = answer;
      if (statusCode === 412 || statusCode === 416) {
        discard(answer);
        throw new ChangedError(file.where);
      }
      if (statusCode !== (range ? 206 : 200)) throw await azError(file.where, answer, credentials.by);
      const content = { name: file.id, where: file.where, isPart: file.ranges };
      return contentOf(answer.body, headers['content-encoding'], content);
    },

    close() {
      client.close();
    },
  };
}

function describe(blob: string): StoredObject {
  const etag = element(blob, 'Etag')?.replaceAll('"', '');
  return {
    name: element(blob, 'Name') ?? '',
    size: Number(element(blob, 'Content-Length')),
    // A list has it without the quotes of a header.
    etag: etag && `"${etag}"`,
    encoding: element(blob, 'Content-Encoding') || undefined,
  };
}

/**
 * Accounts with a hierarchical namespace list folders, too; tools mark an empty blob as one in the others
 * (https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-known-issues).
 */
const isFolderIn = (blob: string): boolean =>
  element(blob, 'ResourceType') === 'directory' || element(blob, 'hdi_isfolder') === 'true';
