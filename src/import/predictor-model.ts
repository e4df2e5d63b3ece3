import * as z from 'zod';
import { formatName } from '#api/v1alpha1/model.ts';
import type { Resources } from '#api/v1alpha1/resources.ts';
import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';
import { devicesOf } from '#synth/accelerator.ts';
import { compact } from './compact.ts';
import { readResources, readUnimportant, readVariables } from './container.ts';
import { NotConvertibleError } from './not-convertible.ts';
import type { Filling } from './placeholder.ts';
import { kserveChoice } from './runtime-choice.ts';
import { type Asked, overrides } from './runtime-overrides.ts';
import type { Source } from './source.ts';
import { readUri } from './storage.ts';
import { substitute } from './substitute.ts';
import { useOf, type World } from './world.ts';

/** Fields of a predictor that stand for a format, and the protocol that a model of it has unless it says another. */
const frameworks = new Map([
  ['sklearn', 'v1'],
  ['xgboost', 'v1'],
  ['tensorflow', 'v1'],
  ['pytorch', 'v1'],
  ['triton', 'v2'],
  ['onnx', 'v2'],
  ['huggingface', 'v2'],
  ['pmml', 'v1'],
  ['lightgbm', 'v1'],
  ['paddle', 'v1'],
]);

/** The part of a predictor that says which model is served; undefined where it has a container of its own. */
export const findModel = (predictor: Source): Source | undefined =>
  ['model', ...frameworks.keys()].map((name) => predictor.at(name)).find(({ exists }) => exists);

/**
 * A model that a runtime serves.
 * @throws NotConvertibleError where there is no model, or it lies where none can
 */
export function convertModel(
  predictor: Source,
  server: Source,
  filling: Filling,
  world: World,
): Pick<InferenceModelSpec, 'model' | 'runtime' | 'resources' | 'imagePullSecrets'> {
  const uri = readUri(predictor, server);
  readUnimportant(server);
  for (const name of ['envFrom', 'readinessProbe', 'securityContext']) server.at(name).say('runtime-field');
  const resources: Resources = readResources(server);
  const asked: Asked = {
    ...readFormat(predictor, server),
    runtime: server.at('runtime').read(z.string()),
    namespace: filling.namespace,
    env: readVariables(server.at('env')),
    devices: devicesOf({ resources }),
  };
  // What else KServe would choose by.
  if (asked.runtime !== undefined)
    for (const field of [server.at('protocolVersion'), server.at('modelFormat', 'version')])
      if (field.exists) field.note('selection');
  const chosen = kserveChoice(asked, world.runtimes);
  if (chosen) for (const device of asked.devices) useOf(chosen.becomes, world).devices.add(device);
  const runtime = chosen
    ? overrides(server, chosen, asked, filling, useOf(chosen.becomes, world))
    : substitute(server, asked, world.catalogue);
  return {
    model: { format: asked.format, uri },
    ...compact({ runtime, resources, imagePullSecrets: chosen?.imagePullSecrets.slice() }),
  };
}

function readFormat(predictor: Source, server: Source) {
  const protocol = server.at('protocolVersion').read(z.string());
  const [framework, usual] = [...frameworks].find(([name]) => server === predictor.at(name)) ?? [];
  if (framework !== undefined) return { format: framework, protocol: protocol ?? usual ?? 'v1' };
  const from = server.at('modelFormat', 'name');
  const format = from.read(z.string().toLowerCase().pipe(formatName));
  if (format === undefined) throw new NotConvertibleError(from.path, 'server', 'its model has no format');
  return {
    format,
    version: server.at('modelFormat', 'version').read(z.string()),
    protocol: protocol ?? (format === 'triton' ? 'v2' : 'v1'),
  };
}
