import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A file of a repository. What git itself does not hold is stored as LFS has it, and comes from another host. */
export interface HubFile {
  readonly content: Buffer;
  readonly isLfs?: boolean;
  /** SHA-256 that the hub says, where it lies. */
  readonly sha256?: string;
}

export interface HubRepo {
  /** The commits that branches are at. */
  readonly refs: Record<string, string>;
  readonly commits: Readonly<Record<string, Readonly<Record<string, HubFile>>>>;
  readonly gated?: boolean;
  readonly private?: boolean;
}

export interface Seen {
  readonly host: 'hub' | 'cdn';
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
}

export interface Hub {
  readonly url: string;
  readonly requests: Seen[];
}

export interface HubOptions {
  readonly repos: Readonly<Record<string, HubRepo>>;
  /** The one token whose account may read all. */
  readonly token?: string;
  readonly pageSize?: number;
  /** Called before each request is answered; gives true where it has answered itself. */
  readonly before?: (request: Seen, response: ServerResponse) => boolean;
}

/**
 * A hub and the host of its big files, on loopback until the test ends, as the published API describes them
 * (https://huggingface.co/docs/hub/api). The hub's own Python client is content with it: test/storage/hub.test.ts.
 */
export async function serveHub({
  repos,
  token,
  pageSize = 1000,
  before = () => false,
}: HubOptions): Promise<Hub> {
  const requests: Seen[] = [];
  const note =
    (host: Seen['host'], answer: (url: URL, request: IncomingMessage, response: ServerResponse) => void) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const { method = '', url = '', headers } = request;
      const seen = { host, method, url, authorization: headers.authorization };
      requests.push(seen);
      if (!before(seen, response)) answer(new URL(url, 'http://any'), request, response);
    };
  const blobs = new Map<string, Buffer>();
  const cdn = await listen(
    createServer(
      note('cdn', ({ pathname }, request, response) => {
        // Links that are signed are for one way of asking.
        if (request.headers.authorization) response.writeHead(400).end();
        else send(blobs.get(pathname.slice(1)) ?? Buffer.alloc(0), request, response);
      }),
    ),
  );
  const own = await listen(
    createServer(
      note('hub', (url, request, response) => {
        void answerOfHub(url, request, response);
      }),
    ),
  );
  return { url: own, requests };

  async function answerOfHub(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, code: string | undefined, message: string): void => {
      response.writeHead(status, { ...(code && { 'x-error-code': code }), 'x-error-message': message }).end();
    };
    const json = (value: unknown, headers = {}): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    };
    const [, api, name = '', verb, encoded = '', rest = ''] =
      /^(\/api\/models)?\/((?:[^/]+\/)?[^/]+?)(?:\/(revision|tree|paths-info|resolve)\/([^/]+)(?:\/(.*))?)?$/.exec(
        url.pathname,
      ) ?? [];
    const repo = repos[name];
    const account = request.headers.authorization;
    if (account && account !== `Bearer ${token}`)
      return refuse(401, undefined, 'Invalid credentials in Authorization header');
    if (!repo || (repo.private && !account))
      return account
        ? refuse(404, 'RepoNotFound', 'Repository not found')
        : refuse(401, undefined, 'Invalid username or password.');
    const revision = decodeURIComponent(encoded || 'main');
    const sha = repo.refs[revision] ?? revision;
    const tree = repo.commits[sha];
    if (!tree) return refuse(404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    const path = decodeURIComponent(rest);
    const entries = listing(tree);
    if (api && (!verb || verb === 'revision')) {
      const siblings = Object.keys(tree).map((rfilename) => ({ rfilename }));
      return json({
        id: name,
        modelId: name,
        sha,
        private: repo.private ?? false,
        tags: [],
        downloads: 0,
        likes: 0,
        siblings,
      });
    }
    if (repo.gated && !account)
      return refuse(
        401,
        'GatedRepo',
        `Access to model ${name} is restricted. You must be authenticated to access it.`,
      );
    if (api && verb === 'tree') {
      const inside = entries.filter((entry) => path === '' || entry.path.startsWith(`${path}/`));
      const at = Number(url.searchParams.get('cursor') ?? 0);
      const more = at + pageSize < inside.length;
      url.searchParams.set('cursor', String(at + pageSize));
      const link = `<http://${request.headers.host}${url.pathname}${url.search}>; rel="next"`;
      return json(inside.slice(at, at + pageSize), more ? { link } : {});
    }
    if (api && verb === 'paths-info') {
      const paths = new URLSearchParams(await text(request)).getAll('paths');
      return json(entries.filter((entry) => paths.includes(entry.path)));
    }
    const file = tree[path];
    if (!file) return refuse(404, 'EntryNotFound', 'Entry not found');
    const { content, isLfs } = file;
    response.setHeader('x-repo-commit', sha);
    if (!isLfs) {
      response.setHeader('etag', `"${gitOid(content)}"`);
      return send(content, request, response);
    }
    const oid = sha256(content);
    blobs.set(oid, content);
    response.writeHead(302, {
      location: `${cdn}/${oid}?Signature=secret`,
      'x-linked-etag': `"${oid}"`,
      'x-linked-size': content.byteLength,
    });
    response.end();
  }
}

/** The files and folders of a commit, as the hub lists them. */
function listing(tree: Readonly<Record<string, HubFile>>) {
  const names = Object.keys(tree);
  const folders = new Set(
    names.flatMap((name) => {
      const parts = name.split('/').slice(0, -1);
      return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    }),
  );
  return [
    ...[...folders].map((path) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path })),
    ...Object.entries(tree).map(([path, { content, isLfs, sha256: said }]) => ({
      type: 'file',
      path,
      size: content.byteLength,
      oid: gitOid(content),
      ...(isLfs && { lfs: { oid: said ?? sha256(content), size: content.byteLength, pointerSize: 130 } }),
    })),
  ];
}

function send(content: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers.range)) ?? [];
  const start = Number(first ?? 0);
  const end = Math.min(content.byteLength, last ? Number(last) + 1 : content.byteLength);
  response.writeHead(first === undefined ? 200 : 206, {
    'content-length': end - start,
    'accept-ranges': 'bytes',
    ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${content.byteLength}` }),
  });
  response.end(request.method === 'HEAD' ? undefined : content.subarray(start, end));
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const gitOid = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
