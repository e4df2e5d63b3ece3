import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff, exponential } from '#base/backoff.ts';
import { RateLimiter } from '#kube/controller/ratelimiter.ts';
import { ManualClock } from '../kube/manual-clock.ts';

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
  const limiter = new RateLimiter(new ManualClock(), () => 0);
  for (let i = 0; i < 20; i++) limiter.next('bad');
  expect([limiter.next('bad'), limiter.next('good')]).toEqual([300_000, 5]);
  limiter.forget('bad');
  expect(limiter.next('bad')).toBe(5);
});

test('all keys together are limited to a hundred at once and then ten a second, and rest fills up what they used', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock, () => 0);
  const delays = Array.from({ length: 103 }, (_, i) => limiter.next(`key-${i}`));
  expect(delays).toEqual([...Array(100).fill(5), 100, 200, 300]);
  clock.advance(1000 + 300);
  expect(Array.from({ length: 12 }, (_, i) => limiter.next(`more-${i}`))).toEqual([
    ...Array(10).fill(5),
    100,
    200,
  ]);
  clock.advance(3_600_000);
  expect(Array.from({ length: 101 }, (_, i) => limiter.next(`late-${i}`))).toEqual([
    ...Array(100).fill(5),
    100,
  ]);
});

test('first retries never come faster than a hundred and ten for each second', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 400 }), unit, (gaps, random) => {
      const clock = new ManualClock();
      const limiter = new RateLimiter(clock, () => random);
      const due: number[] = [];
      for (const gap of gaps) {
        clock.advance(gap);
        due.push(clock.monotonic() + limiter.next(`key-${due.length}`));
      }
      due.sort((a, b) => a - b);
      for (const [i, from] of due.entries())
        for (let j = i + 100; j < due.length; j++)
          expect(j - i + 1).toBeLessThanOrEqual(100 + ((due[j] as number) - from) / 100 + 1e-6);
    }),
  ));
