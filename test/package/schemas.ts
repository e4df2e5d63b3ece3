import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { customResourceDefinitions } from '#api/v1alpha1/crd.ts';
import { run } from '../cluster/exec.ts';
import { moduleFolder, sourceFolders } from '../cluster/gomodules.ts';
import { parseObjects, publishedManifests } from '../cluster/knative/manifests.ts';

/** A JSON schema, as much of it as is looked at here. */
interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

const serviceMonitors = {
  module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  file: 'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
};
const definitions = 'definitions.json';
/** Every schema stands two folders down. */
const reference = (name: string) => ({ $ref: `../../${definitions}#/definitions/${name}` });
const metadata = reference('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');

/** Where kubeconform finds the schemas of {@link writeSchemas} in their folder. */
export const schemaLocation = (folder: string): string =>
  join(folder, '{{ .Group }}', '{{ .ResourceAPIVersion }}', '{{ .ResourceKind }}.json');

/**
 * Writes what Go modules and our own types say of kinds as JSON schemas, in which every field is known: of Kubernetes in
 * the version of the local cluster, of Knative, of the Prometheus operator, and ours.
 */
export async function writeSchemas(folder: string): Promise<void> {
  const { 'k8s.io/kubernetes': kubernetes } = await sourceFolders('kubernetes', ['k8s.io/kubernetes']);
  const api = JSON.parse(await readFile(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8'));
  const all = api.definitions as Readonly<Record<string, Schema>>;
  const write = async ({ group, version, kind }: Kind, schema: unknown): Promise<void> => {
    // To kubeconform the group of `v1` is `v1`.
    const path = join(folder, group || version, version);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, `${kind.toLowerCase()}.json`), JSON.stringify(schema));
  };
  await writeFile(join(folder, definitions), JSON.stringify({ definitions: map(all, strict) }));
  for (const [name, schema] of Object.entries(all)) {
    const [kind, another] = (schema['x-kubernetes-group-version-kind'] ?? []) as readonly Kind[];
    // A kind of several groups is none that somebody writes down, such as DeleteOptions.
    if (kind && !another) await write(kind, reference(name));
  }
  for (const { spec } of await crds())
    for (const { name, schema } of spec.versions) {
      const whole = strict(schema.openAPIV3Schema);
      const properties = { ...whole.properties, metadata };
      await write({ group: spec.group, version: name, kind: spec.names.kind }, { ...whole, properties });
    }
}

async function crds(): Promise<Crd[]> {
  const knative = await publishedManifests('crds');
  const download = ['go', 'mod', 'download', '-json', serviceMonitors.module];
  const { Dir } = JSON.parse(await run(download, { cwd: moduleFolder('tools') })) as { Dir: string };
  const monitors = parseObjects(await readFile(join(Dir, serviceMonitors.file), 'utf8'));
  const found = [...customResourceDefinitions(), ...knative, ...monitors];
  return found as unknown as Crd[];
}

const map = <T, U>(object: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/** The schema with no other fields than those that it names, and with the formats of Kubernetes as types. */
function strict(schema: Schema): Schema {
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string'])
    return { type: ['integer', 'string'] };
  const nested = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? strict(value as Schema) : value;
  const { properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties && { properties: map(properties, strict) }),
    ...(items !== undefined && { items: nested(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: nested(additionalProperties) }),
    ...(properties && !additionalProperties && !open(schema) && { additionalProperties: false }),
  };
}

const open = (schema: Schema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;
