import { describe, expect, it } from 'vitest';
import { operatorImage } from '#base/image.ts';
import { installedOperator, overlap, settingsFor } from '#cli/cluster/installed-operator.ts';
import { type OperatorObject, operatorObject } from '../../support/operator-object.ts';

const operator = (flags: readonly string[] = [], of: OperatorObject = {}) =>
  installedOperator(operatorObject(flags, of));
const image = (image: string, labels = {}) => operator([], { image, labels }).version;

it.each([
  ['registry.example/dormouse:0.2.0', {}, '0.2.0'],
  ['registry.example:5000/dormouse:0.2.0', {}, '0.2.0'],
  ['registry.example/dormouse:0.2.0@sha256:1a2b', {}, '0.2.0'],
  ['registry.example:5000/dormouse@sha256:1a2b', { 'app.kubernetes.io/version': '0.3.0' }, '0.3.0'],
  ['registry.example/dormouse@sha256:1a2b', {}, undefined],
  ['registry.example:5000/dormouse', {}, undefined],
])('the image %s with labels %j is of version %s', (name, labels, version) => {
  expect(image(name, labels)).toBe(version);
});

it('two operators overlap where both serve a namespace; one without namespaces serves all', () => {
  const [all, ab, bc, c] = [[], ['--namespaces=a,b'], ['--namespaces=b,c'], ['--namespaces=c']].map((flags) =>
    operator(flags),
  );
  const pairs = [all, ab, bc, c].flatMap((one) =>
    [ab, bc, c].map((other) => one && other && overlap(one, other)),
  );
  expect(pairs).toEqual([true, true, true, true, true, false, true, true, true, false, true, true]);
});

describe('what an operator was told', () => {
  it('is what its flags say, also beside a sidecar and behind its own command', () => {
    const flags = [
      '--fetcher-image=registry.example/dormouse:1',
      '--allow-images',
      'a/*,b/*',
      '--kubeconfig=/x',
    ];
    const operatorSettings = {
      fetcherImage: 'registry.example/dormouse:1',
      allowance: { images: ['a/*', 'b/*'] },
    };
    expect(settingsFor([operator(flags)], 'default')).toMatchObject(operatorSettings);
    const deployment = operatorObject([], { command: ['dormouse', 'controller'], args: flags });
    const containers = [{ name: 'proxy' }, ...(deployment.spec?.template?.spec?.containers ?? [])];
    const beside = { ...deployment, spec: { template: { spec: { containers } } } };
    expect(settingsFor([installedOperator(beside)], 'default')).toMatchObject(operatorSettings);
  });

  it('is that of the operator that serves the namespace', () => {
    const operators = ['a', 'b'].map((name) =>
      operator([`--namespaces=${name}`, `--fetcher-image=registry.example/for-${name}:1`]),
    );
    const images = ['a', 'b', 'c'].map((namespace) => settingsFor(operators, namespace).fetcherImage);
    expect(images).toEqual(['registry.example/for-a:1', 'registry.example/for-b:1', operatorImage]);
  });

  it('is known as far as this version knows its flags', () => {
    const newer = operator(['--new', 'thing', '--fetcher-image=registry.example/dormouse:1', '--newer=x']);
    expect(newer.config.fetcherImage).toBe('registry.example/dormouse:1');
    expect(newer.unknown).toBeUndefined();
  });

  it.each([
    [
      ['--config=/etc/dormouse.yaml', '--workers=3'],
      'it has settings in the file /etc/dormouse.yaml of its pod too',
    ],
    [['--workers=many'], 'its flags are not understood here: --workers: must be a whole number'],
    [['--workers'], "its flags are not understood here: option '--workers <number>' argument missing"],
  ])('is told to be unknown with %j', (flags, unknown) => {
    expect(operator(flags).unknown).toContain(unknown);
  });
});
