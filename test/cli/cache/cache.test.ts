import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markerName } from '#base/marker.ts';
import { cacheTable } from '#cli/cache/ls.ts';
import { fetchInto, temporaryFolder } from '../../support/fetching.ts';
import { kubeconfigOf, run } from '../run.ts';

const day = 24 * 60 * 60;

/** A cache with models of 1000 bytes that were used some days ago, and something that is none. */
async function cacheOf(days: Readonly<Record<string, number>>): Promise<string> {
  const folder = await temporaryFolder();
  const source = await temporaryFolder();
  await writeFile(join(source, 'model.bin'), 'x'.repeat(1000));
  for (const [key, age] of Object.entries(days)) {
    const path = join(folder, 'dormouse', key);
    await fetchInto(path, `file://${source}`);
    const time = Date.now() / 1000 - age * day;
    await utimes(join(path, markerName), time, time);
  }
  await mkdir(join(folder, 'dormouse/other'), { recursive: true });
  await writeFile(join(folder, 'dormouse/other/precious'), '');
  return folder;
}

const left = async (folder: string) => (await readdir(join(folder, 'dormouse'))).sort();

/** A cluster with a revision for each of some annotations, or one that refuses to list them. */
const clusterWith = (caches: readonly string[] | 'refuse') =>
  kubeconfigOf((request, response) => {
    expect(request.url).toMatch(/^\/apis\/serving\.knative\.dev\/v1\/namespaces\/team\/revisions\b/);
    response.setHeader('content-type', 'application/json');
    if (caches === 'refuse') {
      response.statusCode = 403;
      const message = 'you cannot list revisions';
      response.end(JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message }));
      return;
    }
    const items = caches.map((path, index) => ({
      metadata: { name: `r${index}`, namespace: 'team', annotations: { 'dormouse.dev/cache': path } },
    }));
    response.end(JSON.stringify({ kind: 'RevisionList', apiVersion: 'v1', metadata: {}, items }));
  });

describe('cache ls', () => {
  it('prints a table', async () => {
    const folder = await cacheOf({ a: 3, b: 40 });
    const { code, stdout, stderr } = await run(['cache', 'ls', folder]);
    expect(code).toBe(0);
    expect(
      stdout
        .replaceAll(/file:\S+/g, 'URI')
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['KEY', 'URI', 'SIZE', 'LAST USED', 'STATE'],
      ['b', 'URI', '1000 B', '40d', 'complete'],
      ['a', 'URI', '1000 B', '3d', 'complete'],
      [''],
    ]);
    expect(stderr).toMatch(
      /^other is left alone: it holds what no fetch has left: precious\n2 models, 2\.0 KiB; \S+ \S+ free\n$/,
    );
  });

  it('prints JSON', async () => {
    const { stdout } = await run(['cache', 'ls', await cacheOf({ a: 3 }), '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      models: [
        {
          key: 'a',
          uri: expect.stringMatching(/^file:/),
          bytes: 1000,
          lastUsed: expect.stringMatching(/Z$/),
          state: 'complete',
        },
      ],
      foreign: [{ name: 'other', problem: 'holds what no fetch has left: precious' }],
      freeBytes: expect.any(Number),
    });
  });

  it('of a folder that is not there is an error', async () => {
    const { code, stderr } = await run(['cache', 'ls', '/none/such']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^error: ENOENT.*\n$/) });
  });

  it('has one line for a model, whatever its URI is', () => {
    const model = { key: 'a', state: 'complete', uri: 'x\nb  y', bytes: 1, lastUsed: 0 } as const;
    expect(cacheTable([model], new Date(0)).split('\n')).toHaveLength(3);
  });
});

describe('cache prune', () => {
  it('evicts what is too old, and never what a revision may need', async () => {
    const folder = await cacheOf({ a: 50, b: 40, c: 3 });
    const kubeconfig = await clusterWith(['dormouse/b', 'other/c']);
    const { code, stderr } = await run([
      'cache',
      'prune',
      folder,
      '--older-than',
      '30d',
      '-n',
      'team',
      '--kubeconfig',
      kubeconfig,
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/1 model that revisions in team may need: kept\n/);
    expect(stderr).toMatch(/^a \(file:.*\): evicted, 1000 B: last used 50d ago$/m);
    expect(stderr).toMatch(/^evicted: 1 model, 1000 B; left: 2 models, 2\.0 KiB$/m);
    expect(await left(folder)).toEqual(['b', 'c', 'other']);
  });

  it('evicts the least recently used, but for what is to be kept, and says where that is not enough', async () => {
    const folder = await cacheOf({ a: 5, b: 4, c: 3 });
    const flags = ['--max-size', '500', '--keep', 'a', 'x', '--ignore-revisions', '-o', 'json'];
    const { code, stdout, stderr } = await run(['cache', 'prune', folder, ...flags]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/more than 500 is left: the rest is needed, or kept, or in use\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      evicted: [
        { key: 'b', reason: 'size' },
        { key: 'c', reason: 'size' },
      ],
      left: [{ key: 'a' }],
      foreign: [{ name: 'other' }],
    });
    expect(await left(folder)).toEqual(['a', 'other']);
  });

  it('says what it would do', async () => {
    const folder = await cacheOf({ a: 5 });
    const { stderr } = await run([
      'cache',
      'prune',
      folder,
      '--max-size',
      '0',
      '--ignore-revisions',
      '--dry-run',
    ]);
    expect(stderr).toMatch(/^a .*: would be evicted, 1000 B: last used 5d ago, and the cache is too large$/m);
    expect(await left(folder)).toEqual(['a', 'other']);
  });

  it.each([
    ['may not list revisions', () => clusterWith('refuse'), 1, 'you cannot list revisions'],
    ['there is no cluster', async () => '/none/such', 2, 'no kubeconfig at /none/such'],
  ])('touches nothing where it %s', async (_, cluster, exitCode, why) => {
    const folder = await cacheOf({ a: 50 });
    const flags = ['--max-size', '0', '-n', 'team', '--kubeconfig', await cluster()];
    const { code, stderr } = await run(['cache', 'prune', folder, ...flags]);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(`error: which models are needed cannot be read: ${why}`);
    expect(stderr).toContain('"--ignore-revisions" evicts without');
    expect(await left(folder)).toEqual(['a', 'other']);
  });

  it('says what could not be evicted, and goes on with the others', async () => {
    const folder = await cacheOf({ a: 50, b: 40 });
    await mkdir(join(folder, 'dormouse/a/.dormouse-lock'));
    const { code, stderr } = await run([
      'cache',
      'prune',
      folder,
      '--older-than',
      '1d',
      '--ignore-revisions',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: a \(.*\): .*\.dormouse-lock: it cannot be locked/m);
    expect(await left(folder)).toEqual(['a', 'other']);
  });

  it.each([
    ['--max-size', 'big', 'write an amount of bytes'],
    ['--older-than', '30', 'write a time with one unit'],
    ['--older-than', '0d', 'write a time with one unit'],
  ])('refuses %s %s', async (flag, value, why) => {
    const { code, stderr } = await run(['cache', 'prune', '/none', flag, value, '--ignore-revisions']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`${flag} is "${value}": ${why}`),
    });
  });
});
