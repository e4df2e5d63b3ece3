import * as z from 'zod';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { compact } from './compact.ts';
import { readImage, readPort, readWords, type Variable } from './container.ts';
import { additionOf, taggedImage } from './kserve-builtin.ts';
import { type Filling, filled, filledForAny } from './placeholder.ts';
import type { Wanted } from './runtime-choice.ts';
import type { KserveRuntime } from './serving-runtime.ts';
import type { Source } from './source.ts';
import type { RuntimeUse } from './world.ts';

/** What a model asks of its runtime. */
export interface Asked extends Wanted {
  readonly env: readonly Variable[];
  readonly devices: readonly string[];
}

type Overrides = NonNullable<InferenceModelSpec['runtime']>;

/** What of a runtime of the input is another for one model: KServe appends its arguments, and replaces all else. */
export function overrides(
  server: Source,
  { metadata, becomes, container }: KserveRuntime,
  { format, protocol, env, devices }: Asked,
  { labels, ...filling }: Filling,
  use: RuntimeUse,
): Overrides {
  const addition = additionOf(metadata.name, { name: filling.name, format, protocol });
  const fill = (text: string): string => {
    const result = filled(text, { ...filling, labels: { ...labels, ...addition.labels } });
    if (result === undefined) server.note('placeholder', text);
    return result ?? '';
  };
  const image = taggedImage(readImage(server) ?? container.image, {
    version: server.at('runtimeVersion').read(z.string()),
    runtime: metadata.name,
    devices,
  });
  const own = readWords(server.at('args'));
  const command = readWords(server.at('command'));
  return compact({
    name: becomes,
    image: image === container.image ? undefined : image,
    command: command.length > 0 ? command.map(fill) : changed(container.command)?.map(fill),
    args: own.length > 0 ? [...(container.args ?? []), ...own].map(fill) : changed(container.args)?.map(fill),
    env: variables(container.env ?? [], [...without(addition.env, env), ...env], fill),
    transport: readTransport(server, container, use),
  });
}

/** Texts of a runtime that are not the same for all models. */
const changed = (texts: readonly string[] = []) => (texts.some(dependsOnModel) ? texts : undefined);

const dependsOnModel = (text: string | undefined) => text !== undefined && filledForAny(text) === undefined;

const without = (variables: readonly Variable[], others: readonly Variable[]) =>
  variables.filter(({ name }) => !others.some((other) => other.name === name));

/** Those of the model, and those of the runtime that are not the same for all models. */
function variables(
  ofRuntime: readonly Variable[],
  ofModel: readonly Variable[],
  fill: (text: string) => string,
) {
  const depending = ofRuntime.filter(({ value }) => dependsOnModel(value));
  return [...without(depending, ofModel), ...ofModel].map(({ value, ...variable }) => ({
    ...variable,
    ...(value !== undefined && { value: fill(value) }),
  }));
}

/** A model may ask for another port of its server, which is that of gRPC. */
function readTransport(
  server: Source,
  container: KserveRuntime['container'],
  use: RuntimeUse,
): 'h2c' | undefined {
  const own = { port: container.port ?? 8080, transport: container.transport ?? 'http1' };
  const asked = { ...own, ...readPort(server) };
  if (asked.port === own.port && asked.transport === own.transport) return undefined;
  if (asked.transport === 'h2c' && (use.grpcPort ?? asked.port) === asked.port) {
    use.grpcPort = asked.port;
    return 'h2c';
  }
  server.at('ports').note('runtime-port', String(use.grpcPort ?? own.port));
  return undefined;
}
