import { describe, expect, it } from 'vitest';
import { Expectations } from '#kube/controller/expectations.ts';
import { configMap } from '../fixtures.ts';

const key = 'default/a';
const version = (resourceVersion: string) => configMap('a', resourceVersion);

describe('what was written', () => {
  it('is remembered until the watch brings it', async () => {
    const expectations = new Expectations<string>();
    await expectations.write(key, 'content', async () => version('2'));
    expect(expectations.get(key)).toBe('content');
    expectations.observed(version('2'));
    expect(expectations.get(key)).toBeUndefined();
  });

  it('is not remembered if the watch brought it before the answer came: the cache may be beyond it by now', async () => {
    const expectations = new Expectations<string>();
    await expectations.write(key, 'content', async () => {
      expectations.observed(version('2'));
      expectations.observed(version('3'));
      return version('2');
    });
    expect(expectations.get(key)).toBeUndefined();
  });

  it('is remembered if the watch brought another version meanwhile', async () => {
    const expectations = new Expectations<string>();
    await expectations.write(key, 'content', async () => {
      expectations.observed(version('1'));
      return version('2');
    });
    expect(expectations.get(key)).toBe('content');
  });

  it('is forgotten after a list, in which it either is or is no more', async () => {
    const expectations = new Expectations<string>();
    await expectations.write(key, 'content', async () => version('2'));
    expect(expectations.forget()).toEqual([key]);
    expect(expectations.get(key)).toBeUndefined();
  });

  it('is not remembered if the write failed', async () => {
    const expectations = new Expectations<string>();
    await expect(expectations.write(key, 'content', () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(expectations.get(key)).toBeUndefined();
  });
});
