import type { KserveRuntime } from './serving-runtime.ts';

/** What KServe chooses a runtime by. */
export interface Wanted {
  readonly runtime?: string | undefined;
  readonly format: string;
  readonly version?: string | undefined;
  readonly protocol: string;
  readonly namespace?: string | undefined;
}

const protocols = ['v1', 'v2', 'grpc-v1', 'grpc-v2'];

/**
 * The runtime that KServe would give a model, of those in the input: the one it names, first in its namespace; or the
 * one of the highest priority that serves its format and protocol, those of its namespace first (KServe,
 * `ModelSpec.GetSupportingRuntimes`).
 */
export function kserveChoice(wanted: Wanted, runtimes: readonly KserveRuntime[]): KserveRuntime | undefined {
  const near = runtimes.filter(
    ({ metadata }) => metadata.namespace !== undefined && metadata.namespace === wanted.namespace,
  );
  const everywhere = runtimes.filter(({ metadata }) => metadata.namespace === undefined);
  const { runtime } = wanted;
  if (runtime !== undefined)
    return [...near, ...everywhere].find(({ metadata }) => metadata.name === runtime);
  return [near, everywhere].flatMap((scope) => supporting(wanted, scope))[0];
}

function supporting(
  { format, version, protocol }: Wanted,
  runtimes: readonly KserveRuntime[],
): KserveRuntime[] {
  const priority = ({ formats }: KserveRuntime) =>
    formats.find(({ name }) => name === format)?.priority ?? -1;
  const rank = (runtime: KserveRuntime) =>
    Math.min(...runtime.protocols.map((name) => protocols.indexOf(name)), 4);
  const name = ({ metadata }: KserveRuntime) => metadata.name ?? '';
  return runtimes
    .filter((runtime) => runtime.protocols.length === 0 || runtime.protocols.includes(protocol))
    .filter(({ formats }) =>
      formats.some(
        (known) =>
          known.autoSelect && known.name === format && (version === undefined || known.version === version),
      ),
    )
    .toSorted(
      (left, right) =>
        priority(right) - priority(left) || rank(left) - rank(right) || (name(left) < name(right) ? -1 : 1),
    );
}
