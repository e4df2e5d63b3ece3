import { bytes, milliValue } from '#api/schema/quantity.ts';
import { PlainError } from '../action.ts';

/** The value of `--max-size` in bytes. */
export function bytesOf(text: string): number {
  if (bytes.isValid(text)) return Number(milliValue(text) / 1000n);
  throw new PlainError(`--max-size is "${text}": write an amount of bytes, such as 500Mi or 100Gi`);
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The value of `--older-than` in milliseconds: models live longer than hours. */
export function ageMsOf(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(number) * (unitMs[unit] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new PlainError(`--older-than is "${text}": write a time with one unit, such as 30d or 12h`);
}
