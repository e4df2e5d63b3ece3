import { expect, it } from 'vitest';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { irisImageName } from '../images/iris.ts';
import { brokenModels } from '../support/broken-models.ts';
import { startBucket } from '../support/bucket.ts';
import { adminClient, cluster } from '../support/cluster.ts';
import { dormouse } from '../support/dormouse.ts';
import { manifest } from '../support/models.ts';
import { namespace } from '../support/namespace.ts';

it('the status of a model that cannot be loaded shows why, in the words of its server, and what it means', async () => {
  const client = await adminClient();
  await using storage = await namespace(client, 'privileged');
  const bucket = await startBucket(cluster(), storage.name);
  await bucket.write(await brokenModels());
  await using ns = await namespace(client);
  const secret = { metadata: { namespace: ns.name, name: 'bucket' }, stringData: bucket.secret };
  const secrets = { group: '', version: 'v1', namespaced: true, plural: 'secrets' };
  await client.create(secrets, secret, { fieldManager: 'user' });
  const spec = {
    model: {
      format: 'sklearn',
      uri: 's3://models/broken/lost-class.joblib',
      credentials: { secretRef: { name: 'bucket' } },
    },
    runtime: {
      image: irisImageName,
      command: ['/opt/python/bin/python3', '/opt/packages/bin/mlserver', 'start', '$(MODEL_DIR)'],
    },
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    timeouts: { progress: '90s' },
  };
  const model = manifest(spec, { name: 'lost', namespace: ns.name }) as KubernetesObject;
  await client.apply(modelResource, model, { fieldManager: 'user' });

  // The kubelet keeps no log of the run before while it makes the container of the next one.
  let text = '';
  const status = async () => {
    const { stdout } = await dormouse(['status', 'lost', '-n', ns.name]).catch((failed) => failed);
    text = String(stdout);
    return text;
  };
  await expect.poll(status, { timeout: 120_000, interval: 2000 }).toMatch(/Log of container server:/);
  expect(text).toMatch(/Can't get attribute 'AddRatio'|has no attribute 'AddRatio'/);
  expect(text).toContain('Hint: the class AddRatio is not in the image of the server');
  expect(text).toMatch(new RegExp(`kubectl logs -n ${ns.name} \\S+ -c server`));
  expect(text.split('\n').length).toBeLessThan(40);

  // It ends with 1 as soon as the model has failed, long before its timeout.
  await expect(
    dormouse(['status', 'lost', '-n', ns.name, '--wait', '--timeout', '20m']),
  ).rejects.toMatchObject({
    code: 1,
  });
});
