import * as z from 'zod';
import { keyedBy, opaqueObject, textMap, unchecked } from '../schema/rules.ts';
import { objectName, stringMatching, text } from '../schema/scalars.ts';
import { flagNote } from './pod-fields.ts';
import { resources } from './resources.ts';
import { volume } from './volume.ts';

const labelKey = stringMatching(
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$/,
  317,
  'a key such as team or example.com/team',
);
const labelValue = stringMatching(
  /^([a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?)?$/,
  63,
  'at most 63 letters, digits, "-", "_" and "."',
);
const labels = textMap(labelKey, labelValue, 64);
const annotations = textMap(labelKey, text(65_536), 64);

const toleration = z.strictObject({
  key: text(317).optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: text(63).optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().min(0).optional(),
});

/** Too deep to be spelled out in a CRD; Knative checks it. */
const opaque = opaqueObject();

const id = z.int().min(0).max(2_147_483_647);
const securityContext = z.strictObject({
  runAsUser: id.optional(),
  runAsGroup: id.optional(),
  runAsNonRoot: z.boolean().optional(),
  fsGroup: id.optional().describe('Group that owns the files of volumes.'),
  supplementalGroups: z.array(id).max(32).optional(),
});

/** What a model, a runtime or a profile says of pods, under the names that Kubernetes has for it. */
export const pod = z
  .strictObject({
    labels: labels.optional().describe('Labels of the pods, for cost, policies and meshes.'),
    annotations: annotations.optional().describe('Annotations of the pods.'),
    nodeSelector: labels.optional().describe(`Labels that a node must have. ${flagNote('nodeSelector')}`),
    tolerations: z
      .array(toleration)
      .max(32)
      .optional()
      .describe(`Taints of nodes that the pods tolerate. ${flagNote('tolerations')}`),
    affinity: opaque.optional().describe(`Affinity to nodes and pods, as in a pod. ${flagNote('affinity')}`),
    topologySpreadConstraints: z
      .array(opaque)
      .max(16)
      .optional()
      .describe(`How pods spread, as in a pod. ${flagNote('topologySpreadConstraints')}`),
    runtimeClassName: objectName.optional().describe(`A RuntimeClass. ${flagNote('runtimeClassName')}`),
    priorityClassName: objectName.optional().describe(`A PriorityClass. ${flagNote('priorityClassName')}`),
    schedulerName: objectName.optional().describe(`A scheduler of your own. ${flagNote('schedulerName')}`),
    volumes: keyedBy(z.array(volume).max(32), 'name')
      .optional()
      .describe('Volumes, each of which volumeMounts of the container must name.'),
    serviceAccountName: objectName.optional().describe('The ServiceAccount of the pods. Unset: default.'),
    automountServiceAccountToken: z
      .boolean()
      .optional()
      .describe('Whether pods get a token of the API server. Unset: only where serviceAccountName is set.'),
    imagePullSecrets: keyedBy(
      z.array(z.strictObject({ name: objectName.describe('Name of the Secret.') })).max(16),
      'name',
    )
      .optional()
      .describe('Secrets with which images are pulled.'),
    securityContext: securityContext
      .optional()
      .describe(`Who the processes of the pod run as. ${flagNote('securityContext')}`),
    queueProxy: z
      .strictObject({ resources: unchecked(resources, 'As spec.resources.').optional() })
      .optional()
      .describe("Knative's own container in each pod: its resources, where a quota wants them."),
  })
  .describe('Where pods run and what belongs to them.');
export type PodSettings = z.infer<typeof pod>;
export type PodSecurityContext = z.infer<typeof securityContext>;
