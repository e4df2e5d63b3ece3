import { expect, it } from 'vitest';
import { versionText } from '#cli/version/versions.ts';

it('each operator of a cluster is told with its version', () => {
  const operators = [
    { namespace: 'dormouse-system', version: '0.1.0' },
    { namespace: 'dormouse-team', version: 'unknown' },
  ];
  expect(versionText({ client: '0.2.0', kubernetes: 'v1.34.1', operators })).toBe(`dormouse     0.2.0
operator     0.1.0 in dormouse-system
operator     unknown in dormouse-team
Kubernetes   v1.34.1
`);
});

it('without a cluster there is one version', () => {
  expect(versionText({ client: '0.2.0' })).toBe('dormouse   0.2.0\n');
});
