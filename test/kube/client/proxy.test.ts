import { describe, expect, test } from 'vitest';
import { proxyFor } from '#kube/client/proxy.ts';

const proxy = 'http://proxy.example:3128';

describe('the proxy that the environment names, as Go reads it', () => {
  test.each<{
    name: string;
    given: { server?: string; env: Record<string, string> };
    want: string | undefined;
  }>([
    { name: 'none', given: { env: {} }, want: undefined },
    { name: 'one', given: { env: { HTTPS_PROXY: proxy } }, want: proxy },
    {
      name: 'one in lower case first',
      given: { env: { HTTPS_PROXY: 'http://other', https_proxy: proxy } },
      want: proxy,
    },
    { name: 'one without a scheme', given: { env: { HTTPS_PROXY: 'proxy.example:3128' } }, want: proxy },
    { name: 'one of the other scheme', given: { env: { HTTP_PROXY: proxy } }, want: undefined },
    {
      name: 'one for plain HTTP',
      given: { server: 'http://api.example', env: { HTTP_PROXY: proxy } },
      want: proxy,
    },
  ])('$name', ({ given: { server = 'https://api.example', env }, want }) => {
    expect(proxyFor(new URL(server), env)).toBe(want);
  });

  test.each<{ noProxy: string; server: string; direct: boolean }>([
    { noProxy: '', server: 'https://api.example', direct: false },
    { noProxy: '', server: 'https://localhost:6443', direct: true },
    { noProxy: '', server: 'https://127.3.2.1', direct: true },
    { noProxy: '', server: 'https://[::1]', direct: true },
    { noProxy: '*', server: 'https://api.example', direct: true },
    { noProxy: 'a.example, api.example', server: 'https://api.example', direct: true },
    { noProxy: 'API.example', server: 'https://api.example', direct: true },
    { noProxy: 'example', server: 'https://api.example', direct: true },
    { noProxy: '.example', server: 'https://api.example', direct: true },
    { noProxy: '*.example', server: 'https://api.example', direct: true },
    { noProxy: '.api.example', server: 'https://api.example', direct: false },
    { noProxy: '*.api.example', server: 'https://api.example', direct: false },
    { noProxy: 'pi.example', server: 'https://api.example', direct: false },
    { noProxy: 'api.example:443', server: 'https://api.example', direct: true },
    { noProxy: 'api.example:6443', server: 'https://api.example', direct: false },
    { noProxy: 'api.example:6443', server: 'https://api.example:6443', direct: true },
    { noProxy: 'müller.example', server: 'https://xn--mller-kva.example', direct: true },
    { noProxy: '10.0.0.0/8', server: 'https://10.96.0.1', direct: true },
    { noProxy: '10.0.0.0/16', server: 'https://10.96.0.1', direct: false },
    { noProxy: '10.0.0.0/33', server: 'https://10.0.0.0', direct: false },
    { noProxy: 'fd00::/8', server: 'https://[fd00::1]', direct: true },
    { noProxy: '10.0.0.0/8', server: 'https://[fd00::1]', direct: false },
    { noProxy: '10.96.0.1', server: 'https://10.96.0.1:6443', direct: true },
    { noProxy: '10.96.0.1:6443', server: 'https://10.96.0.1:6443', direct: true },
    { noProxy: '10.96.0.1:443', server: 'https://10.96.0.1:6443', direct: false },
    { noProxy: '[fd00::1]:6443', server: 'https://[fd00::1]:6443', direct: true },
    { noProxy: 'fd00::1', server: 'https://[fd00::1]:6443', direct: true },
    { noProxy: '96.0.1', server: 'https://10.96.0.1', direct: false },
    { noProxy: ':443,,', server: 'https://api.example', direct: false },
  ])('NO_PROXY="$noProxy" and $server: direct $direct', ({ noProxy, server, direct }) => {
    expect(proxyFor(new URL(server), { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(
      direct ? undefined : proxy,
    );
  });
});
