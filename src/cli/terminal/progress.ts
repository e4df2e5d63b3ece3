import { harmless, stderrColumns } from './terminal.ts';

/** One line on standard error that is rewritten, at a terminal alone. */
export interface Progress extends Disposable {
  /** Shows what `text` gives, now and each second, with the seconds that have passed. */
  show(text: () => string): void;
  clear(): void;
  readonly isShown: boolean;
}

/** Progress of what begins now. */
export function progressOf(): Progress {
  const columns = stderrColumns();
  if (columns === undefined)
    return { show: () => {}, clear: () => {}, isShown: false, [Symbol.dispose]: () => {} };
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const erase = '\r\u001B[K';
  const clear = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    process.stderr.write(erase);
  };
  return {
    show(text) {
      clear();
      const draw = () => {
        const line = `${harmless(text())} ... ${Math.round((performance.now() - started) / 1000)} s`;
        process.stderr.write(erase + line.slice(0, columns - 1));
      };
      timer = setInterval(draw, 1000);
      timer.unref();
      draw();
    },
    clear,
    get isShown() {
      return timer !== undefined;
    },
    [Symbol.dispose]: clear,
  };
}
