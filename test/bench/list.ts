import { labels } from '../../src/api/group.ts';
import { podResource } from '../../src/kube/builtin.ts';
import type { ListOptions } from '../../src/kube/client.ts';
import { inCluster } from '../../src/kube/kubeconfig.ts';
import type { GroupVersionResource } from '../../src/kube/objects.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { modelResource, revisionResource, serviceResource } from '../../src/reconcilers/resources.ts';

// The least that a restart can take: to list, page by page and side by side, the collections that grow with the models.
const connection = inCluster(process.env);
const client = new RestClient(connection);
const ofModels = { labelSelector: labels.model };

async function list(resource: GroupVersionResource, selection: ListOptions = {}): Promise<void> {
  let from: ListOptions = {};
  for (let more = true; more; ) {
    const page = await client.list(resource, { ...selection, ...from, limit: 500 });
    from = { continue: page.continue ?? '' };
    more = page.continue !== undefined;
  }
}

await Promise.all([
  list(modelResource),
  list(serviceResource),
  list(revisionResource, ofModels),
  list(podResource, ofModels),
]);
await connection.close();
