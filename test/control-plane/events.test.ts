import { beforeAll, expect, it } from 'vitest';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { eventResource } from '#kube/controller/events.ts';
import { modelResource } from '#operator/resources.ts';
import { adminClient, kubectl } from '../support/cluster.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { waitFor } from '../support/wait.ts';

interface Event extends KubernetesObject {
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly series?: { readonly count: number };
}

const small: InferenceModelSpecInput = { container: { image: 'dev.local/iris:1' } };
const refused: InferenceModelSpecInput = { ...small, timeouts: { request: '15m' } };

let client: RestClient;
beforeAll(async () => {
  client = await adminClient();
});

const apply = (namespace: string, spec: InferenceModelSpecInput, name = 'iris') =>
  client.apply(modelResource, manifest(spec, { name, namespace }) as KubernetesObject, {
    fieldManager: 'user',
  });

const accepted = (namespace: string, expected: 'True' | 'False') =>
  waitFor<Model>(client, modelResource, { namespace, name: 'iris' }, (model) =>
    (model?.status?.conditions ?? []).some(({ type, status }) => type === 'Accepted' && status === expected),
  );

const eventsOf = async (namespace: string, name: string): Promise<readonly Event[]> => {
  const { items } = await client.list<Event>(eventResource, { namespace });
  // Knative tells of its Service of that name, too.
  return items.filter(({ regarding }) => regarding.kind === 'InferenceModel' && regarding.name === name);
};

/** Resolves once an Event of this reason has this count. */
async function told(namespace: string, name: string, reason: string, count = 1): Promise<void> {
  const wanted = (event: Event) =>
    event.regarding.kind === 'InferenceModel' &&
    event.regarding.name === name &&
    event.reason === reason &&
    (event.series?.count ?? 1) === count;
  const { items, resourceVersion } = await client.list<Event>(eventResource, { namespace });
  if (items.some(wanted)) return;
  for await (const { object } of client.watch<Event>(eventResource, { namespace, resourceVersion }))
    if (wanted(object)) return;
  throw new Error(`no Event ${reason} of ${name} with count ${count}`);
}

it('tells what happens to a model, the same twice as one Event with a count, and nothing again after a restart', async () => {
  await using ns = await namespace(client);
  {
    await using _ = await runOperator();
    for (const spec of [refused, small, refused, small]) {
      await apply(ns.name, spec);
      await accepted(ns.name, spec === small ? 'True' : 'False');
    }
    await told(ns.name, 'iris', 'Created');
    await told(ns.name, 'iris', 'Refused', 2);
  }
  const described = await kubectl(['describe', 'inferencemodel', 'iris', '--namespace', ns.name]);
  const lines = described.slice(described.indexOf('Events:')).split('\n');
  expect(lines.filter((line) => line.includes('Refused'))).toEqual([
    expect.stringMatching(
      /Warning +Refused +.*\(x2 over .*\) +dormouse +NotAllowedByCluster: .*at most 600s/,
    ),
  ]);
  expect(lines.filter((line) => line.includes('Created'))).toEqual([
    expect.stringMatching(/Normal +Created .* dormouse +created the Knative Service, with revision iris-/),
  ]);

  const before = await eventsOf(ns.name, 'iris');
  await using _ = await runOperator();
  await apply(ns.name, small, 'barrier');
  await told(ns.name, 'barrier', 'Created');
  expect(await eventsOf(ns.name, 'iris')).toEqual(before);
});
