import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { sourceFolders } from '../gomodules.ts';
import type { KubeObject } from './render.ts';

// Where each published object is. Go module archives drop symbolic links: what Knative Serving links to from the
// modules below is taken from there.
const files = {
  crds: [
    ['knative.dev/caching', 'config/image.yaml'],
    ['knative.dev/networking', 'config/{certificate,domain-claim,ingress,serverlessservice}.yaml'],
    ['knative.dev/serving', 'config/core/300-resources/*.yaml'],
  ],
  serving: [
    [
      'knative.dev/serving',
      'config/core/{100-namespace,200-serviceaccount,300-knativecertificate,999-cache}.yaml',
    ],
    ['knative.dev/serving', 'config/core/200-roles/*.yaml'],
    ['knative.dev/networking', 'config/config-network.yaml'],
    ['knative.dev/serving', 'config/core/configmaps/*.yaml'],
    ['knative.dev/serving', 'config/core/webhooks/*.yaml'],
    ['knative.dev/serving', 'config/core/deployments/*.yaml'],
  ],
  kourier: [['knative.dev/net-kourier', 'config/*.yaml']],
} as const;

/** One part of Knative's own manifests of the version that go.mod names, as published, in the order to apply them. */
export async function publishedManifests(
  part: keyof typeof files,
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  const modules = [...new Set(files[part].map(([module]) => module))];
  const folders = await sourceFolders('knative', modules, signal);
  const objects: KubeObject[] = [];
  for (const [module, pattern] of files[part]) {
    for (const file of globSync(pattern, { cwd: folders[module] }).sort()) {
      objects.push(...parseObjects(await readFile(join(folders[module], file), 'utf8')));
    }
  }
  return objects;
}

/** The objects of a YAML file with any number of documents; empty ones are left out. */
export function parseObjects(text: string): KubeObject[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}
