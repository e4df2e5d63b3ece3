import type { Clock } from '#base/clock.ts';
import { shownBytes } from './disk.ts';

export type ProgressStyle = 'lines' | 'bar' | 'none';

export interface Progress {
  /** Begins with so many bytes to come; their number may be unknown. */
  start(what: string, total: number | undefined): void;
  add(bytes: number): void;
  /** Counts what an earlier run has brought. */
  keep(bytes: number): void;
  /** A line beside the count. */
  log(line: string): void;
  end(): void;
}

const lineEveryMs = 5_000;
const barEveryMs = 200;
const barWidth = 30;

/** Tells how far a fetch is, as a line every five seconds or as a bar that is drawn over. */
export function makeProgress(style: ProgressStyle, clock: Clock, write: (text: string) => void): Progress {
  let what = '';
  let total: number | undefined;
  let bytes = 0;
  let kept = 0;
  let began = clock.now();
  let cancel = (): void => {};
  const clear = style === 'bar' ? '\r\x1b[K' : '';

  function state(): string {
    const seconds = (clock.now() - began) / 1000;
    const rate = seconds > 0 ? (bytes - kept) / seconds : 0;
    const amount =
      total === undefined
        ? shownBytes(bytes)
        : `${shownBytes(bytes)} of ${shownBytes(total)} (${percent()}%)`;
    const left =
      total !== undefined && rate > 0 ? `, ${Math.ceil(Math.max(0, total - bytes) / rate)} s left` : '';
    return `${what}: ${amount}, ${shownBytes(Math.max(0, rate))}/s${left}`;
  }
  const percent = (): number => (total ? Math.min(100, Math.floor((bytes / total) * 100)) : 100);
  function bar(): string {
    const full = Math.round((percent() / 100) * barWidth);
    return total === undefined ? '' : `[${'#'.repeat(full)}${' '.repeat(barWidth - full)}] `;
  }
  const draw = (): void => write(style === 'bar' ? `${clear}${bar()}${state()}` : `${state()}\n`);
  function tick(): void {
    cancel = clock.after(style === 'bar' ? barEveryMs : lineEveryMs, () => {
      draw();
      tick();
    });
  }

  return {
    start(title, expected) {
      cancel();
      [what, total, bytes, kept] = [title, expected, 0, 0];
      began = clock.now();
      if (style !== 'none') tick();
    },
    add(count) {
      bytes += count;
    },
    keep(count) {
      bytes += count;
      kept += count;
    },
    log(line) {
      write(`${clear}${line}\n`);
    },
    end() {
      cancel();
      if (clear) write(clear);
    },
  };
}
