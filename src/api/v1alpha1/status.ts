import * as z from 'zod';
import { keyedBy, withExtras } from '../schema/rules.ts';

/** One word for people; programs read conditions. More may come. */
export const states = ['Starting', 'Asleep', 'Waking', 'Awake', 'RollingOut', 'Failed'] as const;
export type State = (typeof states)[number];

const time = withExtras(z.string(), { merge: { format: 'date-time' } });

/** The most that a condition can say, in characters (metav1.Condition). */
export const longestMessage = 32768;

const condition = z.strictObject({
  type: z.string().max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().optional(),
  lastTransitionTime: time,
  reason: z.string().max(1024),
  message: z.string().max(longestMessage),
});
export type Condition = z.infer<typeof condition>;

const revision = z.strictObject({
  name: z.string().describe('Name of the Knative Revision.'),
  percent: z.int().describe('Share of the requests that it is given now.'),
  ready: z.boolean().describe('Whether it can serve; asleep counts as ready.'),
  replicas: z.int().describe('Its pods that are ready.'),
  image: z.string().optional().describe('The image with the digest that runs.'),
  runtime: z.string().optional().describe('The InferenceRuntime that it was made with, as name@version.'),
  profile: z.string().optional().describe('The InferenceProfile that it was made with.'),
  delivery: z
    .string()
    .optional()
    .describe('How the model gets to its server: Direct, InitContainer or Sidecar.'),
});
export type RevisionStatus = z.infer<typeof revision>;

const everything = z
  .strictObject({
    observedGeneration: z.int().describe('The metadata.generation that this status speaks of.'),
    state: z
      .enum(states)
      .describe(
        'For people: Starting (has not served yet), Asleep (healthy, no pod), Waking (called after sleep), Awake, RollingOut or Failed. More may come.',
      ),
    url: z.string().describe('Where the model is reached.'),
    address: z
      .strictObject({ url: z.string() })
      .describe('Where the model is reached from within the cluster.'),
    replicas: z.int().describe('Pods that are ready, over all revisions.'),
    desiredReplicas: z.int().describe('Pods that are wanted by the revisions that are given requests.'),
    selector: z.string().describe('The labels of its pods, for the scale subresource.'),
    restarts: z
      .int()
      .describe('How often containers of the pods that run were started anew; unset for never.'),
    revisions: keyedBy(z.array(revision), 'name').describe(
      'Revisions that are given requests, and the newest.',
    ),
    conditions: keyedBy(z.array(condition), 'type').describe(
      'Ready, Available, Accepted, and Reconciling or Stalled while they hold (kstatus).',
    ),
  })
  .partial()
  .describe('What the operator observed.');

/**
 * What the operator observes of a model. By default a generation that no model has: kstatus takes an object that says
 * nothing of itself for one that is as it should be.
 */
export const inferenceModelStatus = withExtras(everything, {
  merge: { default: { observedGeneration: -1 } },
});

export type InferenceModelStatus = z.infer<typeof inferenceModelStatus>;
