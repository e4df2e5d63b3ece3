import * as z from 'zod';
import { bytes } from '../schema/quantity.ts';
import { opaqueObject, rule, unchecked } from '../schema/rules.ts';
import { dataKey, dns1123Label, objectName, stringMatching } from '../schema/scalars.ts';
import { flagNote, podFields } from './pod-fields.ts';

const mode = z.int().min(0).max(0o777).optional();
const relativePath = stringMatching(/^[^/.][^:]*$|^\.[^./][^:]*$/, 4096, 'a relative path without ".."');
const items = z
  .array(z.strictObject({ key: dataKey, path: relativePath, mode }))
  .max(64)
  .optional()
  .describe('Keys to show, and under which path. Unset: all, each under its name.');
const optional = z.boolean().optional().describe('Start without it where it does not exist.');
const opaque = (description: string) => opaqueObject().describe(description);

const kinds = [
  'secret',
  'configMap',
  'projected',
  'emptyDir',
  'persistentVolumeClaim',
  'image',
  'ephemeral',
] as const;

const everything = z.strictObject({
  name: dns1123Label.describe('Name by which volumeMounts of the container refer to it.'),
  secret: unchecked(
    z.strictObject({ secretName: objectName, items, defaultMode: mode, optional }),
    'The keys of a Secret as files: secretName, items, defaultMode, optional.',
  ).optional(),
  configMap: unchecked(
    z.strictObject({ name: objectName, items, defaultMode: mode, optional }),
    'The keys of a ConfigMap as files: name, items, defaultMode, optional.',
  ).optional(),
  projected: opaque('Several sources in one folder, as in a pod.').optional(),
  emptyDir: z
    .strictObject({
      medium: z
        .enum(['Memory'])
        .optional()
        .describe('Memory: shared memory, such as /dev/shm. Unset: the disk of the node.'),
      sizeLimit: bytes.schema.optional().describe('The most that it may hold.'),
    })
    .optional()
    .describe(`A folder that begins empty and ends with the pod. ${flagNote('emptyDir')}`),
  persistentVolumeClaim: z
    .strictObject({ claimName: objectName, readOnly: z.boolean().optional() })
    .optional()
    .describe(
      `A claim in the namespace of the model. ${flagNote('persistentVolumeClaim')} To write, also ${podFields.writableClaim.flag}.`,
    ),
  image: unchecked(
    z.strictObject({
      reference: z.string().min(1).max(255).describe('An OCI image or artifact.'),
      pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
    }),
    `The content of an OCI image or artifact, read-only: reference, pullPolicy. ${flagNote('image')}`,
  ).optional(),
  ephemeral: opaque(
    `A claim that is made with the pod and ends with it, as in a pod. ${flagNote('ephemeral')}`,
  ).optional(),
});

/** A volume of a pod, as Kubernetes has it, but for the kinds that Knative lets through nowhere. */
export const volume = rule(
  everything,
  `[${kinds.map((name) => `has(self.${name})`).join(', ')}].exists_one(given, given)`,
  `needs exactly one of ${kinds.join(', ')}`,
  (value) => kinds.filter((name) => value[name] !== undefined).length === 1,
);
export type Volume = z.infer<typeof volume>;

/** Paths that Knative keeps for itself (serving `pkg/apis/serving/k8s_validation.go`, reservedPaths). */
const reservedPaths = ['/', '/dev', '/dev/log'];

export const volumeMount = z.strictObject({
  name: dns1123Label.describe('Name of a volume in spec.pod.volumes.'),
  mountPath: rule(
    stringMatching(/^\/[^:]*$/, 1024, 'an absolute path without ":"'),
    `!(self in [${reservedPaths.map((path) => `'${path}'`).join(', ')}])`,
    `is kept by Knative (${reservedPaths.join(', ')}): choose another path`,
    (value) => !reservedPaths.includes(value),
  ).describe('Where the container has it.'),
  subPath: relativePath.optional().describe('A path within the volume.'),
  readOnly: z.boolean().optional().describe('Volumes that cannot be written are always mounted so.'),
});
export type VolumeMount = z.infer<typeof volumeMount>;
