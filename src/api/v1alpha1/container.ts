import * as z from 'zod';
import { keyedBy, rule } from '../schema/rules.ts';
import { dataKey, formed, imageReference, objectName, portNumber, text } from '../schema/scalars.ts';

/** Ports that Knative keeps for its queue-proxy in the same pod (serving `pkg/apis/serving/k8s_validation.go`). */
const reservedPorts = [8008, 8012, 8013, 8022, 9090, 9091];
/** Variables that Knative sets itself. */
const reservedVariables = ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'];

const optional = z
  .boolean()
  .optional()
  .describe('Start without it where it does not exist. By default the container waits for it.');

const keySelector = (kind: string) =>
  z
    .strictObject({
      name: objectName.describe(`Name of the ${kind}, in the namespace of the model.`),
      key: dataKey.describe(`Key within the ${kind}.`),
      optional,
    })
    .describe(`One key of a ${kind}.`);

const variableName = formed(
  /^[-._a-zA-Z][-._a-zA-Z0-9]*$/,
  256,
  'letters, digits, "-", "_" and "." that do not start with a digit',
);

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
      }),
      'has(self.secretKeyRef) != has(self.configMapKeyRef)',
      'needs exactly one of secretKeyRef and configMapKeyRef',
      (source) => (source.secretKeyRef === undefined) !== (source.configMapKeyRef === undefined),
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
      name: objectName.describe(`Name of the ${kind}, in the namespace of the model.`),
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
    .describe('The inference protocol that the server speaks. It sets the default of readiness.path.'),
  readiness: z
    .strictObject({
      path: formed(/^\/[-._~!$&'()*+,;=:@%/?a-zA-Z0-9]*$/, 1024, 'a URL path that starts with "/"').describe(
        'Path that answers 200 once the model can predict.',
      ),
      port: portNumber
        .optional()
        .describe(
          'Where that path is asked for, for a server whose port speaks gRPC alone. Unset: its port.',
        ),
    })
    .optional()
    .describe(
      'How to tell that the server is ready. Unset: the ready path of the protocol; without one, that the port is open.',
    ),
  securityContext: securityContext
    .optional()
    .describe('Who the process runs as. Privileges beyond these are always dropped.'),
});

export type Container = z.infer<typeof container>;
