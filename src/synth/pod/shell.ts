/**
 * Waits for a file. The first process of a container gets no signal without a trap of its own (pid_namespaces(7)), and
 * Knative's grace period of a pod is the timeout of a request. Some shells' `sleep` knows whole seconds only.
 */
export const waitFor = (file: string): string =>
  `trap 'exit 143' TERM INT; until [ -e ${file} ]; do sleep 0.05 || sleep 1; done; `;

/**
 * Runs its arguments and ends as they do, with one difference: an end with 0 that no signal asked for is one with 1. MLServer
 * ends with 0 when it cannot load its model, and of such an end the kubelet keeps no last words
 * (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/). A signal that comes before the
 * server has started is passed on once it has; `wait` ends early with each signal.
 */
export const serverScript = [
  'end() { asked=1; [ -z "$server" ] || kill -TERM $server; }',
  'trap end TERM INT',
  '"$@" & server=$!',
  '[ -z "$asked" ] || kill -TERM $server',
  'while wait $server; code=$?; kill -0 $server 2>/dev/null; do :; done',
  '[ "$code$asked" != 0 ] || code=1',
  'exit $code',
].join('; ');
