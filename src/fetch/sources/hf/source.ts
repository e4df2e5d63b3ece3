import { posix } from 'node:path';
// Not { z }: that brings all of zod into the bundle, its languages too.
import * as z from 'zod';
import type { HfUri } from '#sources/hf.ts';
import { type Advice, permanent } from '../../errors.ts';
import { type HttpAnswer, HttpClient, type HttpRequest } from '../../http-client.ts';
import type { Page, RemoteFile, Source, SourceOptions } from '../../source.ts';
import { contentReader } from '../content.ts';
import { hfError } from './errors.ts';
import { readHfSettings } from './settings.ts';
import { withoutDuplicates } from './weights.ts';

const advice: Advice = {
  Prompt: 'check HF_ENDPOINT, and the network to it',
  Pod: 'check spec.model.endpoint, or HF_ENDPOINT in its Secret, and the network to it',
};

const modelInfo = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
const entries = z.array(
  z.object({
    type: z.enum(['file', 'directory']),
    path: z.string(),
    size: z.int().nonnegative().default(0),
    /** Of its blob in git; with `lfs` that of a pointer. */
    oid: z.string(),
    /** Where git has a pointer alone: SHA-256 and size of the content, whether Xet or LFS stores it. */
    lfs: z.object({ oid: z.string(), size: z.int().nonnegative() }).optional(),
  }),
);
type Entry = z.infer<typeof entries>[number];

/**
 * A repository of the Hugging Face hub at one commit, by the HTTP API that its own clients use
 * (https://huggingface.co/docs/hub/api). Big files come from another host, to which the hub redirects.
 */
export function openSource(uri: HfUri, { env, flags }: SourceOptions): Source {
  const settings = readHfSettings(env, flags);
  const { repo, revision, path, shown } = uri;
  const { origin } = new URL(settings.endpoint);
  const client = new HttpClient((at) =>
    at.origin === origin && settings.token ? `Bearer ${settings.token}` : undefined,
  );
  const encode = (text: string): string => text.split('/').map(encodeURIComponent).join('/');
  /** The name of a special revision keeps its `/`; in that of a branch it is encoded. */
  const at = encodeURIComponent(revision);
  const api = `${settings.endpoint}/api/models/${repo}`;
  /** The commit that the revision was when it was first asked for: a branch may move meanwhile. */
  let commit = /^[0-9a-f]{40}$/.test(revision) ? revision : undefined;

  async function ask<T>(
    url: string,
    form: z.ZodType<T>,
    request: Partial<HttpRequest>,
    signal: AbortSignal,
  ): Promise<{ value: T; answer: HttpAnswer }> {
    const answer = await client.send(new URL(url), { where: shown, advice, ...request }, signal);
    if (answer.statusCode !== 200) throw hfError(shown, answer, uri, settings);
    const text = await answer.body.text();
    try {
      return { value: form.parse(JSON.parse(text)), answer };
    } catch (cause) {
      throw permanent(`${shown}: what ${settings.endpoint} answers is not what the hub says`, {
        advice,
        cause,
      });
    }
  }

  const fileUrl = (file: RemoteFile): URL =>
    new URL(`${settings.endpoint}/${repo}/resolve/${commit}/${encode(file.id)}`);

  function describe({ path: id, size, oid, lfs }: Entry): RemoteFile {
    const below = id === path ? posix.basename(id) : id.slice(path === '' ? 0 : path.length + 1);
    const named = { id, path: below, where: `hf://${repo}/${id}` };
    // Files of git are small: the hub takes none above 10 MB.
    return lfs
      ? { ...named, size: lfs.size, digest: { algorithm: 'sha256', value: lfs.oid }, ranges: true }
      : { ...named, size, digest: { algorithm: 'git', value: oid }, ranges: false };
  }

  /** What lies at the path of the URI. */
  async function entryAtPath(signal: AbortSignal): Promise<Entry> {
    const form = new URLSearchParams({ paths: path, expand: 'false' });
    const { value } = await ask(`${api}/paths-info/${commit}`, entries, { form }, signal);
    const found = value.find((entry) => entry.path === path);
    if (!found)
      throw permanent(`${shown}: there is no such file or folder in commit ${commit}: check the URI.`);
    return found;
  }

  async function firstPage(signal: AbortSignal): Promise<Page | string> {
    commit ??= (await ask(`${api}/revision/${at}`, modelInfo, {}, signal)).value.sha;
    const entry = path === '' ? undefined : await entryAtPath(signal);
    if (entry?.type === 'file') return { files: [describe(entry)], revision: commit };
    const folder = path === '' ? '' : `/${encode(path)}`;
    return `${api}/tree/${commit}${folder}?recursive=true&expand=false`;
  }

  return {
    async list(next, signal) {
      const page = next ?? (await firstPage(signal));
      if (typeof page !== 'string') return page;
      const { value, answer } = await ask(page, entries, {}, signal);
      const files = value.filter(({ type }) => type === 'file').map(describe);
      return { files, next: nextLink(answer), revision: commit };
    },

    select: withoutDuplicates,

    ...contentReader({
      client,
      urlOf: fileUrl,
      advice,
      failure: (where, answer) => hfError(where, answer, uri, settings),
    }),

    close() {
      client.close();
    },
  };
}

/** The next page of a list, which a header names (RFC 8288). */
function nextLink({ headers, url }: HttpAnswer): string | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(String(headers.link ?? ''))?.[1];
  return link === undefined ? undefined : new URL(link, url).href;
}
