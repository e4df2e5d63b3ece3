import { podResource } from '#kube/client/objects.ts';
import { objectPath } from '#kube/client/requests.ts';
import type { RestClient } from '#kube/client/rest.ts';

/** One container, as it runs now or as it ended before its last restart. */
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous?: boolean;
}

export interface LogOptions {
  /** Lines from the end; all if left out. */
  readonly tailLines?: number | undefined;
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal;
}

/** The log of a container, as it comes. @throws ApiError */
export const readLog = (
  client: Pick<RestClient, 'text'>,
  { namespace, pod, container, previous }: LogSource,
  { tailLines, follow, signal }: LogOptions = {},
): AsyncIterable<string> =>
  client.text(
    `${objectPath(podResource, { namespace, name: pod })}/log`,
    { container, previous, tailLines, follow },
    signal,
  );

/** How kubectl prints the same log. */
export const logCommand = ({ namespace, pod, container, previous }: LogSource): string =>
  `kubectl logs -n ${namespace} ${pod} -c ${container}${previous ? ' --previous' : ''}`;
