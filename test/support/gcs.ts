import { type ChildProcess, spawn } from 'node:child_process';
import { createVerify, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findOrBuild } from '../cluster/binaries.ts';
import { choosePorts } from '../cluster/ports.ts';
import { progress } from '../cluster/progress.ts';
import { until } from '../cluster/wait.ts';
import { makeCertificate } from './fileserver.ts';

/** A Cloud Storage on loopback whose objects are in memory. */
export interface GcsServer {
  /** Asks for a token for all but the bucket `public`. */
  readonly endpoint: string;
  /** The same without. */
  readonly open: string;
  /** Credentials as Google hands them out: of a workload of another cloud, and of a service account. */
  readonly workload: string;
  readonly serviceAccount: string;
  /** A proxy by which the service account reaches Google's token endpoint, and who answers there. */
  readonly proxy: string;
  readonly authority: string;
  /** Host and port of a machine's metadata. */
  readonly metadata: string;
  readonly stop: () => Promise<void>;
}

const scope = 'https://www.googleapis.com/auth/devstorage.read_only';
const account = 'fetcher@project.iam.gserviceaccount.com';
const googleTokens = 'https://oauth2.googleapis.com/token';
const pool = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/clusters/providers/test';

/**
 * Starts fake-gcs-server, which takes any token, and a server before it that takes those alone that its token endpoint has given
 * for a signature that is right.
 */
export async function startGcsServer(log: (line: string) => void): Promise<GcsServer> {
  const { 'fake-gcs-server': program } = await findOrBuild(['fake-gcs-server'], progress(log));
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-gcs-'));
  const { api: port } = await choosePorts({});
  const open = `http://127.0.0.1:${port}`;
  const store = spawn(
    program,
    [
      ...['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)],
      ...['-backend', 'memory', '-public-host', `127.0.0.1:${port}`, '-log-level', 'error'],
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const issuer = new Issuer();
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await ended(store);
    await rm(folder, { recursive: true, force: true });
  };
  const serve = async (server: Server): Promise<string> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  try {
    const gate = await serve(createServer((asked, answer) => checkAndPass(asked, answer, port, issuer)));
    const tokens = await serve(createServer((asked, answer) => void issuer.answer(asked, answer)));
    const metadata = await serve(createServer((asked, answer) => issuer.answerAsMachine(asked, answer)));
    const certificate = await makeCertificate('DNS:oauth2.googleapis.com');
    const google = await serve(createTls(certificate, (asked, answer) => void issuer.answer(asked, answer)));
    const proxy = await serve(connectProxy(google));
    const subject = join(folder, 'token');
    await writeFile(subject, issuer.sign({ sub: 'system:serviceaccount:models:default', aud: pool }));
    await until('the Cloud Storage server to answer', async () => {
      if (store.exitCode !== null) throw new Error('fake-gcs-server ended');
      return fetch(`${open}/storage/v1/b?project=p`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return {
      endpoint: `http://${gate}`,
      open,
      workload: JSON.stringify({
        type: 'external_account',
        audience: pool,
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_url: `http://${tokens}/v1/token`,
        credential_source: { file: subject },
      }),
      serviceAccount: JSON.stringify(issuer.serviceAccount),
      proxy: `http://${proxy}`,
      authority: certificate.cert,
      metadata,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}

/** Gives tokens for what is signed with its key. */
class Issuer {
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #given = new Set<string>();

  get serviceAccount(): object {
    return {
      type: 'service_account',
      project_id: 'project',
      private_key_id: 'one',
      private_key: this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: account,
      token_uri: googleTokens,
    };
  }

  sign(claims: object): string {
    const parts = [
      { alg: 'RS256', typ: 'JWT' },
      { ...claims, exp: Date.now() / 1000 + 3600 },
    ];
    const head = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${head}.${sign('RSA-SHA256', Buffer.from(head), this.#keys.privateKey).toString('base64url')}`;
  }

  knows(token: string | undefined): boolean {
    return token !== undefined && this.#given.has(token.replace(/^Bearer /, ''));
  }

  /** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token, and RFC 7523 for service accounts. */
  async answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(asked));
    const claims = this.#verified(form.get('subject_token') ?? form.get('assertion') ?? '');
    const isWorkload =
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:token-exchange' &&
      form.get('audience') === pool &&
      claims?.aud === pool &&
      form.get('scope') === scope;
    const isAccount =
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      claims?.iss === account &&
      claims.aud === googleTokens &&
      claims.scope === scope;
    answer.setHeader('content-type', 'application/json');
    if (!isWorkload && !isAccount) {
      answer.statusCode = 400;
      answer.end(JSON.stringify({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }));
      return;
    }
    answer.end(JSON.stringify(this.#give()));
  }

  /** https://cloud.google.com/compute/docs/metadata/overview */
  answerAsMachine(asked: IncomingMessage, answer: ServerResponse): void {
    answer.setHeader('metadata-flavor', 'Google');
    answer.setHeader('content-type', 'application/json');
    const isToken = asked.url?.startsWith('/computeMetadata/v1/instance/service-accounts/default/token');
    answer.end(isToken ? JSON.stringify(this.#give()) : '{}');
  }

  #give(): object {
    const token = randomUUID();
    this.#given.add(token);
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: 3600,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
  }

  #verified(token: string): Readonly<Record<string, unknown>> | undefined {
    const [head = '', body = '', signature = ''] = token.split('.');
    const isRight = createVerify('RSA-SHA256')
      .update(`${head}.${body}`)
      .verify(this.#keys.publicKey, signature, 'base64url');
    const claims = isRight ? JSON.parse(Buffer.from(body, 'base64url').toString()) : undefined;
    return claims?.exp > Date.now() / 1000 ? claims : undefined;
  }
}

/** Passes on what the store allows, and refuses the rest in the words of Cloud Storage. */
function checkAndPass(asked: IncomingMessage, answer: ServerResponse, port: number, issuer: Issuer): void {
  const url = new URL(asked.url ?? '/', 'http://store');
  const isPublic = url.pathname.startsWith('/storage/v1/b/public/');
  const { authorization } = asked.headers;
  const refuse = (status: number, reason: string, message: string): void => {
    answer.writeHead(status, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }));
  };
  if (authorization ? !issuer.knows(authorization) : !isPublic) {
    const message = authorization
      ? 'Invalid Credentials'
      : 'Anonymous caller does not have storage.objects.get access.';
    refuse(401, authorization ? 'authError' : 'required', message);
    return;
  }
  const generation = url.searchParams.get('ifGenerationMatch');
  const headers = { ...asked.headers, host: `127.0.0.1:${port}` };
  const far = request(
    { port, host: '127.0.0.1', path: asked.url, method: asked.method, headers },
    (found) => {
      // The store knows no preconditions of downloads (https://cloud.google.com/storage/docs/request-preconditions).
      if (generation && (found.statusCode ?? 0) < 300 && found.headers['x-goog-generation'] !== generation) {
        found.destroy();
        return refuse(
          412,
          'conditionNotMet',
          'At least one of the pre-conditions you specified did not hold.',
        );
      }
      answer.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(answer);
    },
  );
  far.on('error', () => answer.destroy());
  answer.on('close', () => far.destroy());
  asked.pipe(far);
}

/** A proxy that leads all to one place. */
function connectProxy(target: string): Server {
  const [host = '', port] = target.split(':');
  return createServer().on('connect', (_, near) => {
    const far = connect(Number(port), host, () => near.write('HTTP/1.1 200 Connection Established\r\n\r\n'));
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
  });
}
