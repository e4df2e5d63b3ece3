import { describe, expect, test } from 'vitest';
import { getOrUndefined, listAll } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import { configMap, configMaps, scriptedReader } from '../fixtures.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name) => configMap(name, '1'));
const page = (items: unknown[], next?: string) => ({ items, resourceVersion: '5', continue: next });
const fail = (code: number) => () => {
  throw new ApiError('GET /x', code, {});
};

describe('listAll', () => {
  test('reads page after page', async () => {
    const client = scriptedReader([page([a], 't1'), page([b], 't2'), page([c])]);
    expect(await listAll(client, configMaps)).toEqual([a, b, c]);
    expect(client.requests).toEqual(['list', 'list continue=t1', 'list continue=t2']);
  });

  test('reads everything at once where a page has expired', async () => {
    const client = scriptedReader([page([a], 't1'), fail(410), page([a, b, c])]);
    expect(await listAll(client, configMaps)).toEqual([a, b, c]);
    expect(client.requests).toEqual(['list', 'list continue=t1', 'list']);
  });

  test.each([403, 410])('a first page that is answered with %i is an error', async (code) => {
    await expect(listAll(scriptedReader([fail(code)]), configMaps)).rejects.toMatchObject({ code });
  });
});

test.each([
  { code: 404, want: undefined },
  { code: 403, want: 'ApiError' },
])('getOrUndefined of an object that is answered with $code', async ({ code, want }) => {
  const get = async () => fail(code)();
  const found = getOrUndefined({ get }, configMaps, { namespace: 'default', name: 'a' });
  expect(await found.catch((error) => error.name)).toBe(want);
});
