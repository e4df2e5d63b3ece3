import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { platformsOf } from '#synth/accelerator.ts';
import { markdownTable } from './table.ts';

/** The table of the built-in runtimes, in Markdown. */
export function runtimesTable(runtimes: readonly InferenceRuntime[]): string {
  const rows = runtimes.map((runtime) => {
    const { version, maturity, formats, container, grpcPort } = runtime.spec;
    const speaks = `${container.protocol ?? 'its own'}${grpcPort === undefined ? '' : ', gRPC'}`;
    return [
      formats.map(({ name }) => `\`${name}\``).join(', '),
      `\`${runtime.name}\``,
      version,
      speaks,
      platformsOf(runtime),
      maturity,
    ];
  });
  const head = ['format', 'runtime', 'version', 'protocol', 'runs on', 'maturity'];
  return markdownTable(head, rows);
}
