import type { Essence } from './essence.ts';

/** Something that the two operators write differently, and what is left of it when it is made even. */
interface Difference {
  /** As docs/import.md has it. */
  readonly words: string;
  readonly made: (essence: Essence) => Essence;
}

const without = <T>(map: Readonly<Record<string, T>>, ...keys: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));

/** All differences between what KServe and Dormouse make of an InferenceService, in what both must agree on. */
export const differences: readonly Difference[] = [
  {
    words: 'A container that asks for a model by `STORAGE_URI` finds the folder of the model in it.',
    // KServe writes the folder there when it makes the pod.
    made: (essence) =>
      'STORAGE_URI' in essence.env
        ? { ...essence, env: { ...essence.env, STORAGE_URI: '/mnt/models' } }
        : essence,
  },
  {
    words: 'A server with a runtime also has the variables `MODEL_NAME`, `MODEL_DIR` and `MODEL_URI`.',
    made: (essence) => ({ ...essence, env: without(essence.env, 'MODEL_NAME', 'MODEL_DIR', 'MODEL_URI') }),
  },
  {
    words: 'The port is written out where it is the usual one, 8080, and so is its name, `http1`.',
    made: (essence) => ({
      ...essence,
      port: { containerPort: 8080, name: 'http1', protocol: 'TCP', ...essence.port },
    }),
  },
  {
    words:
      'A server with a runtime and a `command` is started by `/bin/sh`, which ends with 1 where the server ends by itself.',
    made: (essence) => {
      const words = [...essence.command, ...essence.args];
      const isWrapped = words[0] === '/bin/sh' && words[2]?.includes('kill -TERM $server');
      return { ...essence, command: [], args: isWrapped ? words.slice(4) : words };
    },
  },
  {
    words: 'A lower bound of 0 pods is not written, since it is the default.',
    made: (essence) =>
      essence.scale['autoscaling.knative.dev/min-scale'] === '0'
        ? { ...essence, scale: without(essence.scale, 'autoscaling.knative.dev/min-scale') }
        : essence,
  },
  {
    words: 'Beside a target stands what it is a target of, `concurrency`, which is the default.',
    made: (essence) =>
      essence.scale['autoscaling.knative.dev/metric'] === 'concurrency'
        ? { ...essence, scale: without(essence.scale, 'autoscaling.knative.dev/metric') }
        : essence,
  },
];

/** An essence with these differences made even. */
export const evened = (essence: Essence, chosen = differences): Essence =>
  chosen.reduce((result, { made }) => made(result), essence);
