import * as z from 'zod';
import { rule } from '../schema/rules.ts';
import { duration, portNumber, stringMatching, text } from '../schema/scalars.ts';

const path = stringMatching(/^\/[-._~!$&'()*+,;=:@%/?a-zA-Z0-9]*$/, 1024, 'a URL path that starts with "/"');
const threshold = z.int().min(1).max(1000).optional();
const port = portNumber.optional().describe('Unset: the port of the server.');

const handlers = ['http', 'tcp', 'grpc', 'exec'] as const;
const everything = z.strictObject({
  http: z
    .strictObject({ path: path.describe('Path that answers with 200 up to 399.'), port })
    .optional()
    .describe('A GET of a path.'),
  tcp: z.strictObject({ port }).optional().describe('A port that is open.'),
  grpc: z
    .strictObject({
      port,
      service: text(253).optional().describe('Name of the service. Unset: the whole server.'),
    })
    .optional()
    .describe('The health check of gRPC (grpc.health.v1).'),
  exec: z
    .strictObject({ command: z.array(text(4096)).min(1).max(64).describe('It must end with 0.') })
    .optional()
    .describe('A command in the container.'),
  period: duration('1s', '1h').optional().describe('Time between two questions.'),
  timeout: duration('1s', '1h').optional().describe('Longest wait for an answer.'),
  initialDelay: duration('0s', '1h')
    .optional()
    .describe('Time from the start of the container to the first question.'),
  failureThreshold: threshold.describe('Bad answers in a row that count.'),
  successThreshold: threshold.describe('Good answers in a row that count.'),
});

/** How a container is asked how it is. Times are durations such as 10s, in seconds once they are read. */
export const probe = rule(
  everything,
  `[${handlers.map((name) => `has(self.${name})`).join(', ')}].exists_one(given, given)`,
  'needs exactly one of http, tcp, grpc and exec',
  (value) => handlers.filter((name) => value[name] !== undefined).length === 1,
);

export type Probe = z.infer<typeof probe>;
