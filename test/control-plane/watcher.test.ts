import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { watcher } from '#kube/cache/watcher.ts';
import type { Reader } from '#kube/client/client.ts';
import { ApiError } from '#kube/client/errors.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { configMapResource } from '#kube/client/objects.ts';
import type { RestClient } from '#kube/client/rest.ts';
import { adminClient } from '../support/cluster.ts';
import { namespace } from '../support/namespace.ts';

const initial = ['Init', 'InitApply a', 'InitApply b', 'InitDone'];

describe('watcher', () => {
  let client: RestClient;
  beforeAll(async () => {
    client = await adminClient();
  });

  const make = (namespace: string, name: string) =>
    client.create<KubernetesObject>(
      configMapResource,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } },
      { fieldManager: 'user' },
    );

  /** Follows ConfigMaps until the test ends; tells what was asked, and what the next events are. */
  function follow(namespace: string, { streams }: { readonly streams: boolean }) {
    const asked: string[] = [];
    const reader: Reader = {
      get: (...request) => client.get(...request),
      list: (...request) => {
        asked.push('list');
        return client.list(...request);
      },
      watch: (resource, options) => {
        asked.push(options.sendInitialEvents ? 'stream' : 'watch');
        if (options.sendInitialEvents && !streams) throw new ApiError('GET', 422, { reason: 'Invalid' });
        return client.watch(resource, options);
      },
    };
    const stop = new AbortController();
    const events = watcher<KubernetesObject>(
      {
        client: reader,
        resource: configMapResource,
        namespace,
        // Each namespace gets this one, sooner or later.
        fieldSelector: 'metadata.name!=kube-root-ca.crt',
        clock: systemClock,
        random: Math.random,
      },
      stop.signal,
    );
    const next = async (count: number): Promise<string[]> => {
      const seen: string[] = [];
      while (seen.length < count) {
        const { value } = await events.next();
        if (value) seen.push('object' in value ? `${value.type} ${value.object.metadata.name}` : value.type);
      }
      return seen;
    };
    return { asked, next, [Symbol.dispose]: () => stop.abort() };
  }

  it('gets all that exists and what happens after, in one request where the server streams lists', async () => {
    await using ns = await namespace(client);
    await make(ns.name, 'a');
    await make(ns.name, 'b');
    using following = follow(ns.name, { streams: true });
    expect(await following.next(4)).toEqual(initial);
    await make(ns.name, 'c');
    await client.delete(configMapResource, { namespace: ns.name, name: 'a' });
    expect(await following.next(2)).toEqual(['Apply c', 'Delete a']);
    // On by default since Kubernetes 1.34.
    const { minor } = await client.read<{ minor: string }>('/version', { timeoutMs: 10_000 });
    expect(following.asked).toEqual(Number(minor) >= 34 ? ['stream'] : ['stream', 'list', 'watch']);
  });

  it('gets the same by lists where the server does not stream', async () => {
    await using ns = await namespace(client);
    await make(ns.name, 'a');
    await make(ns.name, 'b');
    using following = follow(ns.name, { streams: false });
    expect(await following.next(4)).toEqual(initial);
    await make(ns.name, 'c');
    await client.delete(configMapResource, { namespace: ns.name, name: 'a' });
    expect(await following.next(2)).toEqual(['Apply c', 'Delete a']);
    expect(following.asked).toEqual(['stream', 'list', 'watch']);
  });
});
