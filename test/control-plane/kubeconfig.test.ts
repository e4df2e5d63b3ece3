import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '#kube/client/connection.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { RestClient } from '#kube/client/rest.ts';
import { cluster, kubectl } from '../support/cluster.ts';
import {
  kubeconfigServer,
  kubectlClient,
  type Outcome,
  ourClient,
  type Shown,
} from '../support/kubeconfig-server.ts';
import { runKubectl } from '../support/kubectl.ts';

type Server = Awaited<ReturnType<typeof kubeconfigServer>>;

interface Row {
  readonly name: string;
  readonly user?: object;
  readonly cluster?: object;
  readonly env?: Readonly<Record<string, string>>;
  /** What the server was shown; undefined where the client refuses or cannot connect. */
  readonly want: Partial<Shown> | undefined;
}

const v1 = 'client.authentication.k8s.io/v1';
const exec = (more: object = {}) => ({
  exec: { command: './plugin', apiVersion: v1, interactiveMode: 'Never', ...more },
});
const base64 = async (path: string) => (await readFile(path)).toString('base64');

/** Kubeconfigs of an API server at `ports`, whose certificates are in `folder`. */
async function rows({ folder, ports }: Server): Promise<Row[]> {
  const proxy = `http://127.0.0.1:${ports.proxy}`;
  const at = (file: string) => join(folder, file);
  const far = { server: `https://api.example:${ports.secure}` };
  const near = { server: `https://0.0.0.0:${ports.secure}` };
  const viaProxy = `CONNECT api.example:${ports.secure} `;
  const token = { token: 't' };
  const shown = { authorization: 'Bearer t' };
  const certificate = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
  return [
    { name: 'a token', user: token, want: shown },
    {
      name: 'the token of a file',
      user: { tokenFile: 'token' },
      want: { authorization: 'Bearer from-file' },
    },
    {
      name: 'the token of a file before the one beside it',
      user: { token: 't', tokenFile: at('token') },
      want: { authorization: 'Bearer from-file' },
    },
    { name: 'the token beside a file that is not there', user: { token: 't', tokenFile: 'no' }, want: shown },
    { name: 'the token of a file that is not there', user: { tokenFile: 'no' }, want: undefined },
    {
      name: 'a user name and password',
      user: { username: 'u', password: 'p' },
      want: { authorization: 'Basic dTpw' },
    },
    { name: 'a token and a password', user: { ...token, username: 'u', password: 'p' }, want: undefined },
    { name: 'a client certificate', user: certificate, want: { certificate: 'client' } },
    {
      name: 'a client certificate in the file itself',
      user: {
        'client-certificate-data': await base64(at('client.crt')),
        'client-key-data': await base64(at('client.key')),
      },
      want: { certificate: 'client' },
    },
    {
      name: 'a client certificate without its key',
      user: { 'client-certificate': 'client.crt' },
      want: undefined,
    },
    {
      name: 'a client certificate and a token',
      user: { ...certificate, ...token },
      want: { ...shown, certificate: 'client' },
    },
    {
      name: 'impersonation',
      user: {
        ...token,
        as: 'jane',
        'as-uid': '42',
        'as-groups': ['dev', 'ops'],
        'as-user-extra': { reason: ['a', 'b'], 'x/y%': ['c'] },
      },
      want: {
        ...shown,
        impersonate: [
          'impersonate-extra-reason: a',
          'impersonate-extra-reason: b',
          'impersonate-extra-x%2fy%25: c',
          'impersonate-group: dev',
          'impersonate-group: ops',
          'impersonate-uid: 42',
          'impersonate-user: jane',
        ],
      },
    },
    {
      name: 'impersonation of a group without a user',
      user: { ...token, 'as-groups': ['dev'] },
      want: undefined,
    },
    { name: 'an exec plugin beside the kubeconfig', user: exec(), want: { authorization: 'Bearer plugin' } },
    {
      name: 'an exec plugin in PATH',
      user: exec({ command: 'plugin' }),
      env: { PATH: `${folder}:${process.env.PATH}` },
      want: { authorization: 'Bearer plugin' },
    },
    { name: 'an exec plugin that is not in PATH', user: exec({ command: 'plugin' }), want: undefined },
    {
      name: 'an exec plugin with arguments and variables',
      user: exec({ args: ['-', 'argument'], env: [{ name: 'MORE', value: '-variable' }] }),
      want: { authorization: 'Bearer plugin-argument-variable' },
    },
    {
      name: 'an exec plugin that fails',
      user: exec({ env: [{ name: 'FAIL', value: '3' }] }),
      want: undefined,
    },
    {
      name: 'an exec plugin that gives a certificate',
      user: exec({ args: ['certificate'] }),
      want: { certificate: 'client' },
    },
    {
      name: 'an exec plugin of v1beta1 without an interactiveMode',
      user: exec({ apiVersion: `${v1}beta1`, interactiveMode: undefined }),
      want: { authorization: 'Bearer plugin' },
    },
    { name: 'an exec plugin of v1alpha1', user: exec({ apiVersion: `${v1}alpha1` }), want: undefined },
    { name: 'an exec plugin of v1 without one', user: exec({ interactiveMode: undefined }), want: undefined },
    {
      name: 'an exec plugin that must ask a user who is not there',
      user: exec({ interactiveMode: 'Always' }),
      want: undefined,
    },
    { name: 'an exec plugin beside a token', user: { ...token, ...exec() }, want: shown },
    { name: 'an auth-provider', user: { 'auth-provider': { name: 'gcp' } }, want: undefined },
    {
      name: 'an authority in the file itself',
      user: token,
      cluster: {
        'certificate-authority': undefined,
        'certificate-authority-data': await base64(at('ca.crt')),
      },
      want: shown,
    },
    {
      name: 'an authority that is none',
      user: token,
      cluster: { 'certificate-authority': undefined, 'certificate-authority-data': 'eA==' },
      want: undefined,
    },
    {
      name: 'an authority that is not that of the server',
      user: token,
      cluster: { 'certificate-authority': 'client.crt' },
      want: undefined,
    },
    {
      name: 'no authority, and the system does not trust the server',
      user: token,
      cluster: { 'certificate-authority': undefined },
      want: undefined,
    },
    {
      name: 'no authority, and the system trusts the server',
      user: token,
      cluster: { 'certificate-authority': undefined },
      env: { SSL_CERT_FILE: at('ca.crt') },
      want: shown,
    },
    {
      name: 'a server whose certificate is not checked',
      user: token,
      cluster: { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true },
      want: shown,
    },
    {
      name: 'an authority, and that it is not checked',
      user: token,
      cluster: { 'insecure-skip-tls-verify': true },
      want: undefined,
    },
    {
      name: 'another name for the server',
      user: token,
      cluster: { 'tls-server-name': 'other.example' },
      want: { ...shown, servername: 'other.example' },
    },
    {
      name: 'another name that the server does not have',
      user: token,
      cluster: { 'tls-server-name': 'third.example' },
      want: undefined,
    },
    {
      name: 'a server without TLS, which is shown nothing secret',
      user: { ...token, ...certificate, ...exec(), as: 'jane' },
      cluster: { server: `http://127.0.0.1:${ports.plain}` },
      want: { authorization: undefined, impersonate: ['impersonate-user: jane'] },
    },
    {
      name: 'a server without a scheme',
      user: token,
      cluster: { server: `127.0.0.1:${ports.plain}`, 'certificate-authority': undefined },
      want: { authorization: undefined },
    },
    {
      name: 'a proxy',
      user: token,
      cluster: { ...far, 'proxy-url': proxy },
      want: { ...shown, servername: 'api.example', proxied: viaProxy },
    },
    {
      name: 'a proxy with a password',
      user: token,
      cluster: { ...far, 'proxy-url': proxy.replace('//', '//u:p@') },
      want: { ...shown, servername: 'api.example', proxied: `${viaProxy}Basic dTpw` },
    },
    {
      name: 'a proxy of the environment',
      user: token,
      cluster: far,
      env: { HTTPS_PROXY: proxy },
      want: { ...shown, servername: 'api.example', proxied: viaProxy },
    },
    {
      name: 'a proxy in both, of which that of the cluster counts',
      user: token,
      cluster: { ...far, 'proxy-url': proxy },
      env: { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' },
      want: { ...shown, servername: 'api.example', proxied: viaProxy },
    },
    {
      name: 'no proxy for a range of addresses',
      user: token,
      cluster: near,
      env: { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'a.example,0.0.0.0/8' },
      want: shown,
    },
    {
      name: 'no proxy for a port',
      user: token,
      cluster: near,
      env: { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: `0.0.0.0:${ports.secure}` },
      want: shown,
    },
    {
      name: 'a proxy for another port',
      user: token,
      cluster: near,
      env: { HTTPS_PROXY: proxy, NO_PROXY: '0.0.0.0:1' },
      want: { ...shown, proxied: `CONNECT 0.0.0.0:${ports.secure} ` },
    },
    {
      name: 'a proxy for a server without TLS',
      user: token,
      cluster: { server: 'http://api.example' },
      env: { HTTP_PROXY: proxy },
      want: { authorization: undefined, proxied: 'GET api.example ' },
    },
    {
      name: 'no proxy on loopback',
      user: token,
      env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
      want: shown,
    },
    {
      name: 'a proxy of a scheme that there is not',
      user: token,
      cluster: { 'proxy-url': 'gopher://127.0.0.1' },
      want: undefined,
    },
  ];
}

/** Notes what it is told, and answers with a token or the client certificate of its folder. */
const plugin = `#!/bin/sh
[ -n "$FAIL" ] && exit "$FAIL"
folder=$(dirname "$0")
echo "$KUBERNETES_EXEC_INFO" >"$folder/info"
version=$(echo "$KUBERNETES_EXEC_INFO" | sed 's/.*"apiVersion":"\\([^"]*\\)".*/\\1/')
pem() { sed ':a;N;$!ba;s/\\n/\\\\n/g' "$folder/$1"; }
if [ "$1" = certificate ]; then
  status="\\"clientCertificateData\\":\\"$(pem client.crt)\\\\n\\",\\"clientKeyData\\":\\"$(pem client.key)\\\\n\\""
else
  status="\\"token\\":\\"plugin$1$2$MORE\\""
fi
printf '%s' "{\\"kind\\":\\"ExecCredential\\",\\"apiVersion\\":\\"$version\\",\\"status\\":{$status}}"
`;

describe('a kubeconfig means to us what it means to kubectl', () => {
  let server: Server;
  let table: Row[];
  beforeAll(async () => {
    server = await kubeconfigServer();
    await writeFile(join(server.folder, 'token'), 'from-file\n');
    await writeFile(join(server.folder, 'plugin'), plugin);
    await chmod(join(server.folder, 'plugin'), 0o755);
    table = await rows(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const file = ({ user = {}, cluster = {} }: Partial<Row>) => ({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://127.0.0.1:${server.ports.secure}`,
          'certificate-authority': 'ca.crt',
          ...cluster,
        },
      },
    ],
    users: [{ name: 'u', user }],
  });

  it('in each case', async () => {
    const found: { name: string; theirs: Outcome; ours: Outcome }[] = [];
    for (const { name, want: _, env = {}, ...parts } of table) {
      const given = { file: file(parts), env };
      const theirs = await server.outcome(kubectlClient(cluster().kubectl), given);
      const ours = await server.outcome(ourClient, given);
      found.push({ name, theirs, ours });
    }
    const none = { impersonate: [] };
    const wanted = table.map(({ name, want }) => {
      const outcome = want
        ? { ok: true, shown: [expect.objectContaining({ ...none, ...want })] }
        : { ok: false, shown: [] };
      return { name, theirs: outcome, ours: outcome };
    });
    expect(found).toEqual(wanted);
    expect(found.map(({ ours }) => ours)).toEqual(found.map(({ theirs }) => theirs));
  });

  it('an exec plugin is told the same', async () => {
    const cluster_ = {
      'tls-server-name': 'other.example',
      extensions: [
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } },
        { name: 'other', extension: { b: 1 } },
      ],
    };
    const told = async (client: typeof ourClient, provideClusterInfo: boolean) => {
      const given = { file: file({ user: exec({ provideClusterInfo }), cluster: cluster_ }) };
      expect(await server.outcome(client, given)).toMatchObject({ ok: true });
      return JSON.parse(await readFile(join(server.folder, 'info'), 'utf8'));
    };
    for (const provideClusterInfo of [true, false])
      expect(await told(ourClient, provideClusterInfo)).toEqual(
        await told(kubectlClient(cluster().kubectl), provideClusterInfo),
      );
  });
});

interface SelfSubjectReview extends KubernetesObject {
  readonly status?: { readonly userInfo: object };
}

it('the API server sees the same user in an impersonation', async () => {
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '-o', 'json']));
  Object.assign(config.users[0].user, {
    as: 'jane',
    'as-uid': '42',
    'as-groups': ['dev', 'ops'],
    'as-user-extra': { 'example.org/reason': ['a'] },
  });
  const changed = `${cluster().kubeconfig}.impersonation`;
  await writeFile(changed, JSON.stringify(config));
  const target = { ...cluster(), kubeconfig: changed };
  const theirs = JSON.parse(await runKubectl(target, ['auth', 'whoami', '-o', 'json']));
  const connection = await connect({ kubeconfig: changed, env: {} });
  const review = await new RestClient(connection).create<SelfSubjectReview>(
    { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', namespaced: false },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} as never },
    { fieldManager: 'test' },
  );
  await connection.close();
  expect(review.status?.userInfo).toEqual(theirs.status.userInfo);
});
