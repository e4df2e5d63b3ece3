/** The line with which an exception ends, and those of the like: `ValueError: node array ...`. */
const exceptionLine = /^(?:[\w.]*(?:Error|Exception|Interrupt)|panic|fatal error)(?::|$)/;
/** Exceptions that end what still runs when a program ends: they follow from another one. */
const consequence =
  /^(?:[\w.]*(?:CancelledError|KeyboardInterrupt|BrokenProcessPool|BrokenPipeError)|SystemExit|RuntimeError: (?:Event loop|cannot schedule new futures))\b/;
/** A line of a traceback of Python; the first line after them that is not indented is the exception. */
const frameLine = /^\s+File "/;
/** An error as glog writes it: `E1128 08:22:09.408521 7 model_lifecycle.cc:642] "failed to load 'iris' version 1: ..."`. */
const glogErrorLine = /^[EF]\d{4} \S+ +\d+ \S+\] "?(.*?)(?:\\n.*)?"?$/;
/** The last line of many programs in C++. */
const lastLine = /^(?:error|fatal): /i;
/** Lines of requests, which readiness probes alone make one of a second. */
export const accessLine = /"?\b(?:GET|POST|HEAD|PUT) \/\S*(?: HTTP\/[\d.]+)?"?/;
/** Lines of a level below that of warnings: they are no cause. */
const calmLine = /^I\d{4} |\b(?:INFO|DEBUG)\b/;
/** Frames of a native stack, which come after the cause: `[bt] (6) /opt/python/lib/libffi.so(+0x1117a)`. */
const nativeFrame = /^(?:\[bt\] \(\d+\)|#\d+ |Stack trace:)/;
/** A time within a message, as XGBoost has it: the cause of two restarts must read the same. */
const clockTime = /\[\d{2}:\d{2}:\d{2}\] /g;
const maxLines = 3;

/**
 * The part of the end of a log that says why a process ended: the exception where there is one, else an error, else the
 * last lines that may be a cause; empty where no line is. The kubelet keeps 2 KB or 80 lines (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/).
 */
export function causeInLog(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const cause = exceptionIn(lines) ?? glogErrorIn(lines) ?? lines.findLast((line) => lastLine.test(line));
  const telling = lines.filter(
    (line) =>
      line.trim() !== '' && !accessLine.test(line) && !calmLine.test(line) && !nativeFrame.test(line.trim()),
  );
  const tail = telling.slice(-maxLines).map((line) => line.trim());
  return withoutStop((cause?.trim() ?? tail.join('; ')).replace(clockTime, ''));
}

function exceptionIn(lines: readonly string[]): string | undefined {
  const exceptions = lines.filter(
    (line, index) =>
      exceptionLine.test(line.trim()) || (/^\S/.test(line) && isRaisedAt(lines.slice(0, index))),
  );
  return exceptions.findLast((line) => !isConsequence(line.trim())) ?? exceptions.at(-1);
}

/** Whether this is no more than what follows from a cause that the end of the log no longer holds. */
export const isConsequence = (cause: string): boolean => consequence.test(cause);

/** Whether this is the line of an exception that is a cause, and not a guess from the last lines of a log. */
export const isException = (cause: string): boolean => exceptionLine.test(cause) && !isConsequence(cause);

/** Whether the lines before end with a frame of a traceback and what it shows of the source. */
function isRaisedAt(before: readonly string[]): boolean {
  const end = before.findLastIndex((line) => /^\S/.test(line));
  return before.slice(end + 1).some((line) => frameLine.test(line));
}

const glogErrorIn = (lines: readonly string[]): string | undefined =>
  lines.map((line) => glogErrorLine.exec(line)?.[1]).findLast((message) => message);

/** What wraps a cause in the messages of container runtimes, outermost first. */
const wrapping =
  /^(?:Back-off pulling image .*|ErrImagePull|ImagePullBackOff|rpc error|code = \w+ desc = .*|failed to .*|OCI runtime create failed|runc create failed|unable to start container process|error during container init|error setting cgroup config for .*|error response from daemon)$/i;

/** What runc measured, which is another number at each restart. */
const measured = / \(current usage: \d+, peak usage: \d+\)/;

/** The cause at the end of a chain of messages, each of which wraps the next one: `failed to pull: failed to resolve: not found`. */
export function causeInChain(message: string): string {
  const clauses = message
    .replace(/: unknown$/, '')
    .replace(measured, '')
    .split(': ');
  const first = clauses.findIndex((clause) => !wrapping.test(clause.trim()));
  return withoutStop(first < 0 ? message : clauses.slice(first).join(': '));
}

/** Another sentence may follow. */
const withoutStop = (text: string): string => text.replace(/\.$/, '');
