import fc from 'fast-check';
import { serviceResource } from '#knative/objects.ts';
import type { Connection } from '#kube/client/connection.ts';
import type { Status } from '#kube/client/errors.ts';
import { controllerOf } from '#kube/client/objects.ts';
import { RestClient } from '#kube/client/rest.ts';
import { namespace } from '../support/namespace.ts';
import { sing } from './canary.ts';
import { hostileInput, type Input } from './hostile.ts';
import { post } from './post.ts';
import { Tally } from './tally.ts';
import { conditionOf, verdicts } from './verdicts.ts';

const batch = 100;
/** Requests to make a model at the same time. */
const hands = 8;

export interface Attack {
  /** With the rights to make models and namespaces. An operator must be at work. */
  readonly connection: Connection;
  readonly runs: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
  /** Looks after each batch whether the operator is alive; throws if not. */
  readonly check?: () => void;
  readonly signal?: AbortSignal;
}

/** Makes models of all kinds in a cluster, batch by batch, and follows each until it is refused or has its Service. */
export async function attack({ connection, runs, seed, say, check, signal }: Attack): Promise<Tally> {
  const client = new RestClient(connection);
  const tally = new Tally();
  await using home = await namespace(client);
  await sing(client, home.name, 0);
  let slowest = 0;
  for (let done = 0; done < runs; done += batch) {
    signal?.throwIfAborted();
    const numRuns = Math.min(batch, runs - done);
    const inputs = fc.sample(hostileInput, { seed: seed + done, numRuns });
    const [, ms] = await Promise.all([
      one(inputs, { client, connection, tally }),
      sing(client, home.name, done + 1),
    ]);
    slowest = Math.max(slowest, ms);
    check?.();
    say?.(
      `${done + numRuns} models; the canary's change took ${ms.toFixed(0)} ms, ${slowest.toFixed(0)} at most`,
    );
  }
  return tally;
}

interface Means {
  readonly client: RestClient;
  readonly connection: Connection;
  readonly tally: Tally;
}

async function one(inputs: readonly Input[], { client, connection, tally }: Means): Promise<void> {
  await using ns = await namespace(client);
  const made = new Map<string, string>();
  const waiting = inputs.values();
  const work = async (): Promise<void> => {
    for (const input of waiting) {
      const answer = await post(connection, ns.name, input);
      if ('model' in answer) made.set(answer.model.metadata.name, input.kind);
      else {
        tally.got(input.kind, 'refused by the API server');
        for (const sentence of sentencesOf(answer.refusal)) tally.said('refused by the API server', sentence);
      }
    }
  };
  await Promise.all(Array.from({ length: hands }, work));

  const { decided, undecided } = await verdicts(client, ns.name, new Set(made.keys()));
  const { items } = await client.list(serviceResource, { namespace: ns.name });
  const owners = new Map(items.map((service) => [service.metadata.name, controllerOf(service)?.uid]));
  const kindOf = (name: string): string => made.get(name) ?? '';
  for (const model of decided) {
    const { name } = model.metadata;
    const { status, message = '' } = conditionOf(model, 'Accepted') ?? {};
    const stage = status === 'True' ? 'accepted' : 'refused by the operator';
    tally.got(kindOf(name), stage);
    if (stage === 'refused by the operator') tally.said(stage, message);
    else if (owners.get(name) !== model.metadata.uid)
      tally.fail(`accepted, without a Service of its own: ${JSON.stringify(model)}`);
  }
  for (const model of undecided) {
    tally.got(kindOf(model.metadata.name), 'undecided');
    tally.fail(
      `neither accepted nor refused: ${conditionOf(model, 'Accepted')?.message}: ${JSON.stringify(model)}`,
    );
  }
}

/** What a refusal says of each field, or of the whole. */
function sentencesOf({ message = '', details }: Status): string[] {
  const causes = details?.causes ?? [];
  return causes.length > 0 ? causes.map(({ field = '', message = '' }) => `${field}: ${message}`) : [message];
}
