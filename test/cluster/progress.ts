export type Progress = {
  /** One line, with the seconds since the start. */
  readonly say: (line: string) => void;
  /** Says every 15 seconds that `what` is still going on, until `work` is done. */
  readonly during: <T>(what: () => string, work: Promise<T>) => Promise<T>;
};

export function progress(log: (line: string) => void): Progress {
  const start = performance.now();
  const say = (line: string): void => {
    log(`[${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s] ${line}`);
  };
  const during = async <T>(what: () => string, work: Promise<T>): Promise<T> => {
    const timer = setInterval(() => say(`... ${what()}`), 15_000);
    return work.finally(() => clearInterval(timer));
  };
  return { say, during };
}
