import { expect, test } from 'vitest';
import { DispatcherPool } from '#kube/client/dispatcher.ts';
import { serve } from '../http-server.ts';
import { ManualClock } from '../manual-clock.ts';

const settled = () => new Promise(setImmediate);

test('a pool that was replaced takes requests for a second more, and then is closed', async () => {
  const server = await serve((_, response) => response.end('ok'));
  const clock = new ManualClock();
  const pool = new DispatcherPool(clock);
  const old = pool.get({ servername: 'one' });
  expect(pool.get({ servername: 'one' })).toBe(old);
  expect(pool.get({ servername: 'two' })).not.toBe(old);
  const request = () => old.request({ origin: server.url, path: '/', method: 'GET' });
  clock.advance(999);
  expect(await (await request()).body.text()).toBe('ok');
  clock.advance(1);
  await settled();
  await expect(request()).rejects.toThrow('closed');
  await pool.close();
});

test('closing leaves no timer and ends the pools that were replaced, too', async () => {
  const server = await serve(() => {});
  const clock = new ManualClock();
  const pool = new DispatcherPool(clock);
  const request = pool.get({ servername: 'one' }).request({ origin: server.url, path: '/', method: 'GET' });
  pool.get({ servername: 'two' });
  await pool.close();
  await expect(request).rejects.toThrow('destroyed');
  expect(clock.next).toBeUndefined();
});
