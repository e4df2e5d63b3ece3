import { expect, test } from 'vitest';
import { makeLogger } from '#cli/controller/logger.ts';
import { ApiError } from '#kube/client/errors.ts';

type Settings = Parameters<typeof makeLogger>[0];

/** What is written for one line about an error, with the time taken out. */
function written(settings: Settings, isTTY = false): string {
  const lines: string[] = [];
  const logger = makeLogger(settings, { isTTY, write: (text: string) => lines.push(text) });
  const error = new ApiError('GET /x', 409, { reason: 'Conflict', message: 'changed' });
  const err = Object.assign(error, { headers: { authorization: 'Bearer secret' }, cause: new Error('why') });
  logger.child({ key: 'ns/iris' }).warn({ err, retryInMs: 5 }, 'reconcile failed: changed');
  return lines
    .join('')
    .replace(/\d{4}-\d\d-\d\dT/, '')
    .replace(/\d\d:\d\d:\d\d\.\d{3}Z?/, 'TIME');
}

test('an error is told in words, without a stack and without what libraries hang on it', () => {
  expect(JSON.parse(written({ logLevel: 'info', logFormat: 'json' }, true))).toEqual({
    level: 'warn',
    time: 'TIME',
    key: 'ns/iris',
    err: { name: 'ApiError', code: 409, reason: 'Conflict', request: 'GET /x' },
    retryInMs: 5,
    msg: 'reconcile failed: changed',
  });
});

test('at level debug the stack and the cause are told too, and still no header', () => {
  const line = written({ logLevel: 'debug', logFormat: 'auto' });
  const { err } = JSON.parse(line);
  expect(err).toMatchObject({ cause: 'why', stack: expect.stringContaining('logger.test.ts') });
  expect(line).not.toContain('secret');
});

test('on a terminal people read text', () => {
  expect(written({ logLevel: 'info', logFormat: 'auto' }, true)).toBe(
    'TIME WARN  reconcile failed: changed key=ns/iris retryInMs=5 name=ApiError code=409 reason=Conflict request="GET /x"\n',
  );
});

test('what is below the level is not written', () => {
  expect(written({ logLevel: 'error', logFormat: 'json' })).toBe('');
});
