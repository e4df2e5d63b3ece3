import type { Client } from '#kube/client/client.ts';
import { configured } from '../support/settings.ts';

/** The hosts that the images of generated models name, and those that Knative asks nothing as it is shipped. */
const hosts = [
  ...['kind.local', 'ko.local', 'dev.local'],
  ...['index.docker.io', 'registry.example', 'registry.example:443', 'localhost:5000'],
];

/** Lets Knative ask none of these registries about images, until the end (`await using`). */
export const withoutRegistries = (client: Client): Promise<AsyncDisposable> =>
  configured(client, 'config-deployment', { 'registries-skipping-tag-resolving': hosts.join(',') });
