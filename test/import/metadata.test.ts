import { describe, expect, it } from 'vitest';
import { container, imported, remarksOf, runtime, service, specsOf, uri } from './inputs.ts';

describe('what guards who reaches a model', () => {
  it.each([
    'security.opendatahub.io/enable-auth: "true"',
    'security.openshift.io/enable-authentication: "true"',
    'serving.kserve.io/enable-auth: "true"',
    'enable-auth: "true"',
    'authorino.kuadrant.io/managed-by: authorino',
    'kuadrant.io/authpolicy: models',
    'istio.io/authorization-policy: models',
    'nginx.ingress.kubernetes.io/auth-url: "https://sso.example.com"',
    'ingress.kubernetes.io/oauth2-proxy: "on"',
    'example.com/oauthProxy: "on"',
    'konghq.com/key-auth: on-call',
    'example.com/jwt-issuer: accounts',
    'cloud.example.com/iap: enabled',
    'haproxy.router.openshift.io/ip_whitelist: 10.0.0.0/8',
    'nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8',
  ])('is a lost field, and the model stays within the cluster: %s', (mark) => {
    const [key = ''] = mark.split(': ');
    for (const [metadata, predictor, path] of [
      [`annotations: { ${mark} }`, '', 'metadata.annotations'],
      [`labels: { ${mark.replace(/: .*/, ': "true"')} }`, '', 'metadata.labels'],
      ['', `, annotations: { ${mark} }`, 'spec.predictor.annotations'],
    ]) {
      const outcomes = imported(
        service(`{ containers: [${container}]${predictor} }`, `{ name: iris, ${metadata} }`),
      );
      expect(specsOf(outcomes)).toMatchObject([{ access: { visibility: 'ClusterLocal' } }]);
      const written = /^[a-z][-a-z]*$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
      expect(remarksOf(outcomes)).toContain(`access ${written}`);
      expect(JSON.stringify(outcomes[0]?.objects)).not.toContain(key);
    }
  });

  it.each([
    'security.opendatahub.io/enable-auth: "false"',
    'example.com/author: ann',
    'example.com/authors: ann-and-bob',
    'example.com/certificate-authority: ours',
    'opendatahub.io/connections: models',
  ])('is not everything that looks like it: %s', (mark) => {
    const outcomes = imported(
      service(`{ containers: [${container}] }`, `{ name: iris, annotations: { ${mark} } }`),
    );
    expect(specsOf(outcomes)).toMatchObject([{ access: { visibility: 'Public' } }]);
    expect(remarksOf(outcomes).filter((line) => line.startsWith('access'))).toEqual([]);
  });

  it('on a runtime guards each model that it serves', () => {
    const guarded = runtime().replace(
      '{ name: server }',
      '{ name: server, annotations: { enable-auth: "true" } }',
    );
    const outcomes = imported(`${guarded}---\n${service(`{ sklearn: { storageUri: "${uri}" } }`)}`);
    expect(specsOf(outcomes)).toMatchObject([{}, { access: { visibility: 'ClusterLocal' } }]);
    expect(remarksOf(outcomes)).toEqual(
      expect.arrayContaining(['access metadata.annotations.enable-auth', 'access']),
    );
  });

  it.each([
    'security.istio.io/v1\nkind: AuthorizationPolicy',
    'security.istio.io/v1beta1\nkind: RequestAuthentication',
    'kuadrant.io/v1\nkind: AuthPolicy',
    'authorino.kuadrant.io/v1beta2\nkind: AuthConfig',
  ])('may be an object of the input: models of its namespace stay within the cluster: %s', (kind) => {
    const policy = `apiVersion: ${kind}\nmetadata: { name: allow, namespace: demo }\nspec: {}\n`;
    const model = (namespace: string) =>
      service(`{ containers: [${container}] }`, `{ name: iris, namespace: ${namespace} }`);
    const outcomes = imported([policy, model('demo'), model('other')].join('---\n'));
    expect(outcomes[0]).toMatchObject({ result: 'refused', remarks: [{ reason: 'guard' }] });
    expect(specsOf(outcomes)).toMatchObject([
      { access: { visibility: 'ClusterLocal' } },
      { access: { visibility: 'Public' } },
    ]);
  });
});
