import * as z from 'zod';
import { quantity } from '../schema/quantity.ts';
import { keyedBy, rule, unchecked } from '../schema/rules.ts';
import { dataKey, imageReference, objectName, portNumber, stringMatching, text } from '../schema/scalars.ts';
import { flagNote } from './pod-fields.ts';
import { probe } from './probe.ts';
import { volumeMount } from './volume.ts';

/** Ports that Knative keeps for its queue-proxy in the same pod (serving `pkg/apis/serving/k8s_validation.go`). */
const reservedPorts = [8008, 8012, 8013, 8022, 9090, 9091];
/** Variables that Knative sets itself. */
const reservedVariables = ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'];

const optional = z.boolean().optional().describe('Start without it where it does not exist.');

const keySelector = (kind: string) =>
  z
    .strictObject({
      name: objectName.describe(`A ${kind} in the namespace of the model.`),
      key: dataKey.describe(`Key within the ${kind}.`),
      optional,
    })
    .describe(`One key of a ${kind}.`);

const variableName = stringMatching(
  /^[-._a-zA-Z][-._a-zA-Z0-9]*$/,
  256,
  'letters, digits, "-", "_" and "." that do not start with a digit',
);

/** Where the value of a variable can come from. */
const sources = ['secretKeyRef', 'configMapKeyRef', 'fieldRef', 'resourceFieldRef'] as const;

const environmentVariable = rule(
  z.strictObject({
    name: rule(
      variableName,
      `!(self in [${reservedVariables.map((name) => `'${name}'`).join(', ')}])`,
      'is set by Knative itself: choose another name (PORT follows from spec.container.port)',
      (name) => !reservedVariables.includes(name),
    ).describe('Name of the variable.'),
    value: text(32768).optional().describe('Its value. $(NAME) refers to a variable above.'),
    valueFrom: rule(
      z.strictObject({
        secretKeyRef: keySelector('Secret').optional(),
        configMapKeyRef: keySelector('ConfigMap').optional(),
        fieldRef: z
          .strictObject({ fieldPath: text(512), apiVersion: z.enum(['v1']).optional() })
          .optional()
          .describe(`A field of the pod, such as metadata.name or status.podIP. ${flagNote('fieldRef')}`),
        resourceFieldRef: z
          .strictObject({
            resource: text(253).describe('Such as limits.memory.'),
            containerName: text(63).optional(),
            divisor: quantity.optional(),
          })
          .optional()
          .describe(`What the container may use. ${flagNote('resourceFieldRef')}`),
      }),
      `[${sources.map((name) => `has(self.${name})`).join(', ')}].exists_one(given, given)`,
      `needs exactly one of ${sources.join(', ')}`,
      (value) => sources.filter((name) => value[name] !== undefined).length === 1,
    )
      .optional()
      .describe('Where the value comes from.'),
  }),
  '!(has(self.value) && has(self.valueFrom))',
  'has both value and valueFrom: keep one',
  (variable) => variable.value === undefined || variable.valueFrom === undefined,
);

const objectReference = (kind: string) =>
  z
    .strictObject({
      name: objectName.describe(`A ${kind} in the namespace of the model.`),
      optional,
    })
    .describe(`All keys of a ${kind}, as variables.`);

const environmentSource = rule(
  z.strictObject({
    prefix: variableName.optional().describe('Put before the name of each key.'),
    secretRef: objectReference('Secret').optional(),
    configMapRef: objectReference('ConfigMap').optional(),
  }),
  'has(self.secretRef) != has(self.configMapRef)',
  'needs exactly one of secretRef and configMapRef',
  (source) => (source.secretRef === undefined) !== (source.configMapRef === undefined),
);

const userId = z.int().min(0).max(2147483647);

const securityContext = rule(
  z.strictObject({
    runAsUser: userId.optional().describe('User id of the process. Unset: that of the image.'),
    runAsGroup: userId.optional().describe('Group id of the process. Unset: that of the image.'),
    runAsNonRoot: z
      .boolean()
      .optional()
      .describe('Refuse to start as root. Unset: true. Set false for an image that must run as root.'),
    readOnlyRootFilesystem: z
      .boolean()
      .optional()
      .describe('Mount the file system of the image read-only. Unset: false.'),
  }),
  '!(has(self.runAsUser) && self.runAsUser == 0) || (has(self.runAsNonRoot) && !self.runAsNonRoot)',
  'runAsUser 0 is root: add runAsNonRoot: false',
  (context) => context.runAsUser !== 0 || context.runAsNonRoot === false,
);

export const container = z.strictObject({
  image: imageReference.describe(
    'Image of the model server. A digest (@sha256:...) pins it; a tag is resolved once, when a revision is made.',
  ),
  command: z.array(text(4096)).max(64).optional().describe('Replaces the entrypoint of the image.'),
  args: z.array(text(4096)).max(256).optional().describe('Arguments to the entrypoint.'),
  env: keyedBy(z.array(environmentVariable).max(256), 'name')
    .optional()
    .describe('Environment variables. The container starts once the Secrets and ConfigMaps they name exist.'),
  envFrom: z.array(environmentSource).max(64).optional().describe('Variables from all keys of an object.'),
  port: rule(
    portNumber,
    `!(self in [${reservedPorts.join(', ')}])`,
    `is kept for Knative's queue-proxy in the same pod (${reservedPorts.join(', ')}): choose another port`,
    (port) => !reservedPorts.includes(port),
  )
    .optional()
    .describe('Port on which the server listens. Unset: 8080. The server also finds it in $PORT.'),
  transport: z
    .enum(['http1', 'h2c'])
    .optional()
    .describe('http1 (the default), or h2c for HTTP/2 without TLS, which gRPC needs.'),
  protocol: z
    .enum(['v1', 'v2', 'openai'])
    .optional()
    .describe('The inference protocol that the server speaks. It sets the default of readiness.'),
  workingDir: text(1024).optional().describe('Folder in which the server starts. Unset: that of the image.'),
  volumeMounts: keyedBy(z.array(volumeMount).max(32), 'mountPath')
    .optional()
    .describe('Where the container has the volumes of spec.pod.volumes.'),
  readiness: probe
    .optional()
    .describe(
      'How to tell that the server can predict. Unset: the ready path of the protocol; without one, that the port is open.',
    ),
  startup: unchecked(
    probe,
    'How to tell that the server has started, as in readiness. Until then nothing else is asked.',
  ).optional(),
  liveness: unchecked(
    probe,
    'How to tell that the server must be started anew, as in readiness. Unset: it never is.',
  ).optional(),
  securityContext: securityContext
    .optional()
    .describe('Who the process runs as. Privileges beyond these are always dropped.'),
});

/** A container as it is worked on: times in seconds. */
export type Container = z.output<typeof container>;
/** A container as it is written. */
export type ContainerInput = z.input<typeof container>;
export type Variable = z.infer<typeof environmentVariable>;
