import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, settings } from '#config/load.ts';

/** What a file with this text and these flags come to, or the sentences that refuse them. */
function loaded(text: string | undefined, flags: Record<string, string> = {}): unknown {
  const given = Object.entries(flags).map(([name, value]) => {
    const setting = settings.find(({ flag }) => flag.split(' ')[0] === name);
    if (!setting) throw new Error(`there is no flag ${name}`);
    return { setting, value: setting.read ? setting.read(value) : value };
  });
  try {
    return loadConfig(text === undefined ? undefined : { name: 'config.yaml', text }, given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const defaults = {
  logLevel: 'info',
  logFormat: 'auto',
  workers: 10,
  namespaces: [],
  metricsBindAddress: { port: 8080 },
  healthProbeBindAddress: { port: 8081 },
  fetcherImage: 'dev.local/dormouse:0.1.0',
  allow: { unboundedPublicModels: true },
  leaderElection: {
    leaderElect: true,
    resourceName: 'dormouse',
    leaseDuration: 15,
    renewDeadline: 10,
    retryPeriod: 2,
  },
};

describe('the configuration', () => {
  it.each<[string, string | undefined, Record<string, string>, object]>([
    ['has defaults', undefined, {}, {}],
    ['comes from a file, which may be empty', '# nothing', {}, {}],
    ['comes from a file', 'workers: 3\nnamespaces: [a, b]', {}, { workers: 3, namespaces: ['a', 'b'] }],
    ['comes from flags before the file', 'workers: 3', { '--workers': '4' }, { workers: 4 }],
    [
      'turns servers off with 0',
      undefined,
      { '--metrics-bind-address': '0' },
      { metricsBindAddress: undefined },
    ],
    [
      'takes an address with a host',
      'metricsBindAddress: "[::1]:9090"',
      { '--health-probe-bind-address': '127.0.0.1:0' },
      {
        metricsBindAddress: { host: '::1', port: 9090 },
        healthProbeBindAddress: { host: '127.0.0.1', port: 0 },
      },
    ],
    ['takes lists with commas', undefined, { '--namespaces': 'a,b' }, { namespaces: ['a', 'b'] }],
    [
      'allows what it says alone',
      'allow: { serviceAccounts: [] }',
      { '--allow-images': 'registry.example/*' },
      { allow: { images: ['registry.example/*'], serviceAccounts: [], unboundedPublicModels: true } },
    ],
    [
      'finds our images in another registry',
      undefined,
      { '--image-registry': 'registry.example:5000/team' },
      {
        imageRegistry: 'registry.example:5000/team',
        fetcherImage: 'registry.example:5000/team/dormouse:0.1.0',
      },
    ],
    [
      'takes an image as it is named',
      'imageRegistry: registry.example',
      { '--fetcher-image': 'other.example/fetch:1' },
      { imageRegistry: 'registry.example', fetcherImage: 'other.example/fetch:1' },
    ],
    [
      'mixes both within a group',
      'leaderElection: { leaseDuration: 30s }',
      { '--leader-elect': 'false' },
      { leaderElection: { ...defaults.leaderElection, leaderElect: false, leaseDuration: 30 } },
    ],
  ])('%s', (_, text, flags, expected) => {
    expect(loaded(text, flags)).toEqual({ ...defaults, ...expected });
  });

  it.each<[string, string | undefined, Record<string, string>, readonly string[]]>([
    [
      'a wrong value of a flag',
      undefined,
      { '--workers': 'many' },
      ['--workers: must be a whole number from 1 to 1000, not "many"'],
    ],
    [
      'a wrong value of the file',
      'workers: 0',
      {},
      ['config.yaml: workers: must be a whole number from 1 to 1000, not 0'],
    ],
    [
      'each of several',
      'logLevel: loud\nnamespaces: [a, B]',
      {},
      [
        'config.yaml: logLevel: must be debug, info, warn or error, not "loud"',
        'config.yaml: namespaces.1: must be the name of a namespace: lower case letters, digits and "-", not "B"',
      ],
    ],
    [
      'an address without a port',
      undefined,
      { '--metrics-bind-address': '8080' },
      [
        '--metrics-bind-address: must be an address such as ":8080" or "127.0.0.1:8080", or "0" for none, not "8080"',
      ],
    ],
    [
      'durations that do not fit each other',
      'leaderElection: { renewDeadline: 20s }',
      {},
      ['config.yaml: leaderElection.renewDeadline: must be shorter than leaseDuration, not "20s"'],
    ],
    [
      'a retry period with which no election can keep its Lease',
      undefined,
      { '--leader-elect-retry-period': '9s' },
      ['--leader-elect-retry-period: must be shorter than renewDeadline divided by 1.2, not "9s"'],
    ],
    [
      'a setting that there is not',
      'leaderElection: { lease: x }',
      {},
      [
        'config.yaml: leaderElection: there is no field lease: write leaderElect, resourceName, resourceNamespace, leaseDuration, renewDeadline or retryPeriod',
      ],
    ],
    ['a list', '- a', {}, ['config.yaml: must be a mapping of settings, such as "logLevel: debug"']],
    [
      'a group that is none, also where a flag is in it',
      'leaderElection: yes please',
      { '--leader-elect': 'false' },
      ['config.yaml: leaderElection: must be a mapping of settings, not "yes please"'],
    ],
    [
      'a key twice',
      'workers: 1\nworkers: 2',
      {},
      ['config.yaml: not YAML: Map keys must be unique at line 2, column 1:'],
    ],
  ])('refuses %s', (_, text, flags, expected) => {
    expect(loaded(text, flags)).toEqual(expected);
  });
});
