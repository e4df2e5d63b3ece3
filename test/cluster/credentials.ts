import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './exec.ts';
import { type Folder, replaceFile } from './folder.ts';
import { network } from './network.ts';

/** Files that prove who is who in one cluster. */
export type Credentials = {
  /** One self-signed certificate: of the API server, of the kubelet, and of the API server towards the kubelet. */
  readonly certificate: string;
  readonly key: string;
  readonly serviceAccountKey: string;
  /** The API server's static token file: each component is a user of its own. */
  readonly tokens: string;
};

const serviceAccount = (name: string) => ({
  user: `system:serviceaccount:knative-serving:${name}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:knative-serving'],
});

const users = {
  admin: { user: 'admin', groups: ['system:masters'] },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  'kube-proxy': { user: 'system:kube-proxy', groups: [] },
  kubelet: { user: 'system:node:node1', groups: ['system:nodes'] },
  'knative-controller': serviceAccount('controller'),
} as const;

export type User = keyof typeof users;

/** What the API server calls a user, e.g. in its audit log. */
export const userName = (user: User): string => users[user].user;

/** Makes what is missing; the rest stays, so that what was signed with it stays valid. */
export async function makeCredentials(folder: Folder): Promise<Credentials> {
  const at = (file: string): string => join(folder.path, 'credentials', file);
  const files = {
    certificate: at('cluster.crt'),
    key: at('cluster.key'),
    serviceAccountKey: at('service-accounts.key'),
    tokens: at('tokens.csv'),
  };
  // Written last, the token file says that the others are there.
  if (
    await access(files.tokens).then(
      () => true,
      () => false,
    )
  )
    return files;
  await mkdir(at(''), { recursive: true, mode: 0o700 });
  await makeCertificate(files.certificate, files.key);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await replaceFile(files.serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }).toString());
  const rows = Object.entries(users).map(([name, { user, groups }]) =>
    [randomBytes(24).toString('hex'), user, name, `"${groups.join(',')}"`].join(','),
  );
  await replaceFile(files.tokens, `${rows.join('\n')}\n`);
  return files;
}

async function makeCertificate(certificate: string, key: string): Promise<void> {
  const names = ['localhost', 'node1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const addresses = ['127.0.0.1', network.node, network.kubernetes];
  const alternatives = [
    ...names.map((name) => `DNS:${name}`),
    ...addresses.map((address) => `IP:${address}`),
  ];
  await run([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'],
    ...[
      '-days',
      '3650',
      '-subj',
      '/O=system:masters/CN=dormouse-cluster',
      '-out',
      certificate,
      '-keyout',
      key,
    ],
    ...['-addext', `subjectAltName=${alternatives.join(',')}`],
    ...['-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
  ]);
}

export async function tokenOf(credentials: Credentials, user: User): Promise<string> {
  const rows = (await readFile(credentials.tokens, 'utf8')).trim().split('\n');
  const row = rows.map((line) => line.split(',')).find(([, , name]) => name === user);
  if (!row?.[0])
    throw new Error(`${credentials.tokens} has no token of ${user}: take the cluster down with --fresh.`);
  return row[0];
}

/** Writes a kubeconfig that needs no other file. */
export async function writeKubeconfig(
  path: string,
  credentials: Credentials,
  user: User,
  server: string,
): Promise<string> {
  const name = 'dormouse';
  const certificate = (await readFile(credentials.certificate)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': certificate } }],
    users: [{ name: user, user: { token: await tokenOf(credentials, user) } }],
    contexts: [{ name, context: { cluster: name, user } }],
    'current-context': name,
  };
  await replaceFile(path, `${JSON.stringify(config, null, 2)}\n`);
  return path;
}
