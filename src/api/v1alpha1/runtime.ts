import * as z from 'zod';
import { schemeNames } from '#sources/schemes.ts';
import { apiVersion, inferenceRuntimes } from '../group.ts';
import { parse } from '../schema/parse.ts';
import { keyedBy, unchecked } from '../schema/rules.ts';
import { duration, portNumber, text } from '../schema/scalars.ts';
import { container } from './container.ts';
import { layout, runtimeVersion } from './layout.ts';
import { formatName } from './model.ts';
import { pod } from './pod.ts';
import { deviceName, resources } from './resources.ts';

const format = z.strictObject({
  name: formatName.describe('What spec.model.format of a model says.'),
  priority: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      'Of the runtimes that know a format, the highest is chosen, and of equals the first by name. Unset: 0.',
    ),
});

const everything = z
  .strictObject({
    version: runtimeVersion.describe('Version of the server. A model may ask for it.'),
    maturity: z
      .enum(['Tested', 'Experimental'])
      .describe('Tested: this version was run end to end with a real model by the tests of Dormouse.'),
    formats: keyedBy(z.array(format).min(1).max(32), 'name').describe('The formats that it serves.'),
    container: container.describe(
      'The server. $(MODEL_NAME), $(MODEL_DIR) and $(MODEL_URI) in command, args and env stand for the model.',
    ),
    grpcPort: portNumber
      .optional()
      .describe('Where it speaks the same protocol over gRPC. Unset: it speaks none.'),
    layout: layout.optional().describe('How it wants the files of a model.'),
    resources: resources.optional().describe('What a model gets that says nothing of resources.'),
    accelerator: z
      .strictObject({
        devices: z
          .array(deviceName)
          .min(1)
          .max(16)
          .describe('Devices that it can use, such as nvidia.com/gpu.'),
        required: z.boolean().optional().describe('Whether it runs on such a device alone. Unset: false.'),
      })
      .optional()
      .describe('Unset: it runs on CPUs alone.'),
    pod: unchecked(
      pod,
      'Where pods run and what belongs to them: as spec.pod of an InferenceModel.',
    ).optional(),
    startup: duration('1s', '24h')
      .optional()
      .describe('Time that the server needs to start, beside that to fetch the model. Unset: 10m.'),
    reads: z
      .array(z.enum(schemeNames))
      .max(schemeNames.length)
      .optional()
      .describe(
        'Schemes that the server reads itself from $(MODEL_URI). All else is fetched to $(MODEL_DIR).',
      ),
    shell: z
      .enum(['Present', 'Absent'])
      .optional()
      .describe(
        'Whether the image has /bin/sh, with which the server can wait for its model. Unset: Present.',
      ),
    description: text(1024).optional().describe('What it is, in a sentence.'),
  })
  .describe('A model server.');

/** A model server, as data: what Dormouse needs to know to run it for a model. */
export const inferenceRuntimeSpec = everything;

export type InferenceRuntimeSpec = z.infer<typeof inferenceRuntimeSpec>;

/** An InferenceRuntime whose every field has been checked. */
export interface InferenceRuntime {
  readonly name: string;
  readonly spec: InferenceRuntimeSpec;
}

const inferenceRuntime = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal(inferenceRuntimes.kind),
  metadata: z.looseObject({ name: z.string() }),
  spec: inferenceRuntimeSpec,
});

/** @throws InvalidObjectError with one sentence for each problem */
export function parseInferenceRuntime(object: unknown): InferenceRuntime {
  const { metadata, spec } = parse(inferenceRuntime, object);
  return { name: metadata.name, spec };
}
