import { describe, expect, it } from 'vitest';
import { Unseen } from '../../src/kube/unseen.ts';
import { configMap } from './fixtures.ts';

const key = 'default/a';
const version = (resourceVersion: string) => configMap('a', resourceVersion);

describe('what was written', () => {
  it('is remembered until the watch brings it', async () => {
    const unseen = new Unseen<string>();
    await unseen.write(key, 'content', async () => version('2'));
    expect(unseen.get(key)).toBe('content');
    unseen.seen(version('2'));
    expect(unseen.get(key)).toBeUndefined();
  });

  it('is not remembered if the watch brought it before the answer came: the cache may be beyond it by now', async () => {
    const unseen = new Unseen<string>();
    await unseen.write(key, 'content', async () => {
      unseen.seen(version('2'));
      unseen.seen(version('3'));
      return version('2');
    });
    expect(unseen.get(key)).toBeUndefined();
  });

  it('is remembered if the watch brought another version meanwhile', async () => {
    const unseen = new Unseen<string>();
    await unseen.write(key, 'content', async () => {
      unseen.seen(version('1'));
      return version('2');
    });
    expect(unseen.get(key)).toBe('content');
  });

  it('is forgotten after a list, in which it either is or is no more', async () => {
    const unseen = new Unseen<string>();
    await unseen.write(key, 'content', async () => version('2'));
    expect(unseen.forget()).toEqual([key]);
    expect(unseen.get(key)).toBeUndefined();
  });

  it('is not remembered if the write failed', async () => {
    const unseen = new Unseen<string>();
    await expect(unseen.write(key, 'content', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(unseen.get(key)).toBeUndefined();
  });
});
