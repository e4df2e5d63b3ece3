import { labels } from '#api/group.ts';
import { revisionResource, serviceResource } from '#knative/objects.ts';
import type { ListOptions } from '#kube/client/client.ts';
import { inCluster } from '#kube/client/connection.ts';
import type { GroupVersionResource } from '#kube/client/objects.ts';
import { podResource } from '#kube/client/objects.ts';
import { RestClient } from '#kube/client/rest.ts';
import { modelResource } from '#operator/resources.ts';

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
