import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff, exponential } from '../../src/kube/backoff.ts';
import { RateLimiter } from '../../src/kube/ratelimiter.ts';
import { ManualClock } from './manual-clock.ts';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a delay lies between half and the whole of the doubled base, however many the attempts', () =>
  fc.assert(
    fc.property(fc.nat({ max: 5000 }), unit, (attempt, random) => {
      const whole = Math.min(30_000, 800 * 2 ** attempt);
      const delay = exponential(800, 30_000, attempt, () => random);
      expect(delay).toBeGreaterThan(whole / 2 - 1);
      expect(delay).toBeLessThanOrEqual(whole);
    }),
  ));

test('two minutes of health after the last retry begin anew, less do not', () => {
  const clock = new ManualClock();
  const backoff = new Backoff(clock, () => 0);
  expect([backoff.next(), backoff.next()]).toEqual([800, 1600]);
  clock.advance(1600 + 119_999);
  expect(backoff.next()).toBe(3200);
  clock.advance(3200 + 120_000);
  expect(backoff.next()).toBe(800);
});

test('keys are limited each by itself, up to five minutes', () => {
  const limiter = new RateLimiter(() => 0);
  for (let i = 0; i < 20; i++) limiter.next('bad');
  expect([limiter.next('bad'), limiter.next('good')]).toEqual([300_000, 5]);
  limiter.forget('bad');
  expect(limiter.next('bad')).toBe(5);
});
