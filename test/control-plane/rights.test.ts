import { pino } from 'pino';
import { expect, it } from 'vitest';
import { systemClock } from '#base/clock.ts';
import type { KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { Client } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { LeaderElector } from '#kube/election/leader-election.ts';
import { modelResource } from '#operator/resources.ts';
import { auditOf } from '../support/audit.ts';
import { adminClient, operatorClient } from '../support/cluster.ts';
import { operatorUser } from '../support/install.ts';
import { type Model, manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';
import { runOperator } from '../support/operator.ts';
import { grantedRights, usedRights } from '../support/rights.ts';
import { waitFor } from '../support/wait.ts';

/**
 * No request is made with it. An API server with the admission plugin OwnerReferencesPermissionEnforcement, as OpenShift
 * has it, asks for it where somebody makes an object with an owner whose deletion the object holds up.
 */
const asOwner = 'update inferencemodels/finalizers.dormouse.dev';

it.skipIf(process.env.KUBECONFIG)(
  'the operator uses each right that it has, and needs no other',
  async () => {
    // An API server that has just been started, as in other tests, refuses for a moment what it will allow.
    const started = new Date();
    const client = await adminClient();
    await using ns = await namespace(client);
    const name = { namespace: ns.name, name: 'iris' };
    const rights = await operatorClient();
    const election = { namespace: 'dormouse-system', name: 'dormouse' };
    const leaderElection = new LeaderElector({
      client: rights,
      clock: systemClock,
      random: Math.random,
      logger: pino({ level: 'silent' }),
      lease: election,
      identity: ns.name,
      fieldManager: 'dormouse',
      retryPeriodMs: 200,
    });
    const serve = async (image: string, max: number): Promise<void> => {
      const spec = { container: { image }, scale: { maxReplicas: max } };
      await client.apply<Model>(modelResource, manifest(spec, { namespace: ns.name }) as KubernetesObject, {
        fieldManager: 'user',
      });
      const service = await waitFor<KnativeServiceObject>(client, serviceResource, name, (found) =>
        JSON.stringify(found?.spec?.template ?? {}).includes(image),
      );
      const revision = { namespace: ns.name, name: service?.spec?.template?.metadata?.name ?? '' };
      await waitFor<RevisionObject>(
        client,
        revisionResource,
        revision,
        (found) => found?.metadata.annotations?.['autoscaling.knative.dev/max-scale'] === `${max}`,
      );
    };
    {
      await using _ = await runOperator({ client: withoutStreaming(rights), leaderElection });
      await serve('dev.local/iris:1', 1);
      await serve('dev.local/iris:1', 2);
      // The same news twice are one Event with a count.
      for (const image of ['dev.local/iris:2', 'dev.local/iris:1', 'dev.local/iris:2']) await serve(image, 2);
    }
    const granted = await grantedRights();
    expect(granted).toContain(asOwner);
    const unused = async () => {
      const used = await usedRights();
      return granted.filter((right) => right !== asOwner && !used.has(right));
    };
    await expect.poll(unused, { timeout: 60_000 }).toEqual([]);
    expect((await auditOf(operatorUser, started)).filter(({ allowed }) => !allowed)).toEqual([]);
  },
);

/** The client of an operator whose API server has no streaming lists yet. */
function withoutStreaming(client: Client): Client {
  const refused = (): never => {
    throw new ApiError('GET', 422, { code: 422, message: 'sendInitialEvents is forbidden' });
  };
  return new Proxy(client, {
    get: (target, key) => {
      const method = Reflect.get(target, key);
      if (key === 'watch')
        return (...[resource, options]: Parameters<Client['watch']>) =>
          options.sendInitialEvents ? refused() : target.watch(resource, options);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}
