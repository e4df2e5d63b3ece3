/** The line with which a Python traceback ends, and those of the like: `ValueError: node array ...`. */
const exceptionLine = /^(?:[\w.]*(?:Error|Exception|Interrupt|Warning)|panic|fatal error)(?::|$)/;
/** Lines of requests, which readiness probes alone make one of a second. */
const accessLine = /"?\b(?:GET|POST|HEAD|PUT) \/\S*(?: HTTP\/[\d.]+)?"?/;
const maxLines = 3;

/**
 * The part of the end of a log that says why a process ended: the exception where there is one, else the last lines that
 * are no requests. The kubelet keeps 2 KB or 80 lines (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/).
 */
export function causeInLog(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const exception = lines.findLast((line) => exceptionLine.test(line.trim()));
  if (exception) return exception.trim();
  const telling = lines.filter((line) => line.trim() !== '' && !accessLine.test(line));
  return telling
    .slice(-maxLines)
    .map((line) => line.trim())
    .join('; ');
}

/** What wraps a cause in the messages of container runtimes, outermost first. */
const wrapping =
  /^(?:Back-off pulling image .*|ErrImagePull|ImagePullBackOff|rpc error|code = \w+ desc = .*|failed to .*|OCI runtime create failed|runc create failed|unable to start container process|error during container init|error response from daemon)$/i;

/** The cause at the end of a chain of messages, each of which wraps the next one: `failed to pull: failed to resolve: not found`. */
export function causeInChain(message: string): string {
  const clauses = message.split(': ');
  const first = clauses.findIndex((clause) => !wrapping.test(clause.trim()));
  return first < 0 ? message : clauses.slice(first).join(': ');
}
