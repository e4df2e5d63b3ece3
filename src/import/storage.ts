import * as z from 'zod';
import { type Model, model } from '#api/v1alpha1/model.ts';
import { compact } from './compact.ts';
import type { Connection, Connections } from './connections.ts';
import { NotConvertibleError } from './reasons.ts';
import type { Source } from './source.ts';
import { storeOf } from './store-address.ts';

/** Where a model lies, and with what it is read. */
export type Location = Pick<Model, 'uri' | 'endpoint' | 'region' | 'credentials'>;

/**
 * Where the model of a predictor lies; undefined where it names none.
 * @throws NotConvertibleError where it lies where a URI cannot say
 */
export function readLocation(
  predictor: Source,
  server: Source,
  connection: Connection | undefined,
): Location | undefined {
  const single = server.at('storageUri');
  const several = predictor.at('storageUris').items();
  const storage = server.at('storage');
  if (!connection) storage.at('key').settle('credentials');
  if (single.exists) return readUri(single, connection);
  if (several.length > 1)
    throw new NotConvertibleError(several[1]?.path ?? '', 'storage', 'a model comes from one URI');
  const [only] = several;
  if (only) {
    if (!only.at('mountPath').exists || only.at('mountPath').takeIf('/mnt/models'))
      return readUri(only.at('uri'), connection);
    throw new NotConvertibleError(only.at('mountPath').path, 'storage', 'models are in /mnt/models');
  }
  return storage.exists ? composed(storage, connection) : undefined;
}

/**
 * The connection by which KServe reads the model of a predictor, of the Secrets in the input: the one that `storage.key` or
 * an annotation names, or that its ServiceAccount has (KServe, pkg/credentials/service_account_credentials.go).
 */
export function readConnection(
  from: Source,
  predictor: Source,
  server: Source | undefined,
  connections: Connections,
): Connection | undefined {
  const namespace = from.at('metadata', 'namespace').text;
  const annotation = (key: string) => from.at('metadata', 'annotations', key);
  const [named, odh] = [
    annotation('serving.kserve.io/storageSecretName'),
    annotation('opendatahub.io/connections'),
  ];
  const storage = server?.at('storage');
  const key = storage?.at('key');
  const account = predictor.at('serviceAccountName');
  const found = storage?.exists
    ? (connections.ofKey(namespace, key?.text, named.text) ??
      (odh.text === undefined ? undefined : connections.ofSecret(namespace, odh.text)))
    : ((named.text === undefined ? undefined : connections.ofSecret(namespace, named.text)) ??
      (odh.text === undefined ? undefined : connections.ofSecret(namespace, odh.text)) ??
      connections.ofAccount(namespace, account.text));
  if (!found) {
    named.settle('credentials');
    if (account.exists) account.note('account');
    return undefined;
  }
  for (const source of [named, odh, key]) source?.takeIf(source.text ?? '');
  from.note('connection', found.secret);
  return found;
}

/**
 * The location that a URI or an address of a store names.
 * @throws NotConvertibleError for a URI that a model cannot have
 */
export function readUri(from: Source, connection?: Connection): Location {
  const text = asOurs(from.read(z.string()) ?? '');
  const store = storeOf(text);
  if (store?.type === 'file-share')
    throw new NotConvertibleError(
      from.path,
      'storage',
      'a share of Azure Files: mount it by a PersistentVolumeClaim, and write pvc://claim/path',
    );
  if (store?.type !== 'store') return { ...checked(from, text), ...connectionFor(text, connection) };
  from.note('store', store.uri);
  if (store.hasToken) from.note('credentials', 'the token in its query');
  return {
    ...checked(from, store.uri),
    ...connectionFor(store.uri, connection),
    ...compact({ region: store.region }),
  };
}

/**
 * A URI of KServe as ours: it writes `hf://organization/model:revision` (python/storage/kserve_storage/kserve_storage.py,
 * `_download_hf`), and of an image it takes the folder `/models` (https://kserve.github.io/website/docs/model-serving/storage/providers/oci).
 */
const asOurs = (uri: string): string =>
  uri
    .replace(/^(hf:\/\/[^/:@]+\/[^/:@]+):([^/]+)$/, '$1@$2')
    .replace(/^oci:\/\/[^#]+$/, (image) => `${image}#models`);

/** An endpoint and a region are those of S3 alone. */
function connectionFor(uri: string, connection: Connection | undefined): Partial<Location> {
  if (!connection) return {};
  const { credentials, endpoint, region } = connection.fields;
  const isOther = connection.scheme === 's3' && !uri.startsWith('s3://');
  return isOther ? {} : compact({ credentials, endpoint, region });
}

function checked(from: Source, uri: string): Location {
  const { success, error } = model.shape.uri.safeParse(uri);
  if (success) return { uri };
  throw new NotConvertibleError(from.path, 'storage', error.issues[0]?.message);
}

/** The URI of a path in a bucket, where it or its connection says of which kind the storage is. */
function composed(storage: Source, connection: Connection | undefined): Location {
  const parameters = storage.at('parameters');
  const bucket = parameters.at('bucket').read(z.string()) ?? connection?.bucket;
  // Of KServe's kinds S3 alone has buckets.
  const type =
    parameters.at('type').read(z.string()) ?? connection?.scheme ?? (bucket === undefined ? undefined : 's3');
  const path = storage.at('path').read(z.string());
  if (type === undefined || bucket === undefined || path === undefined)
    throw new NotConvertibleError(
      storage.path,
      'storage',
      'a path, a type and a bucket make a URI: add the Secret that has what is missing to the input',
    );
  const { endpoint, region } = model.shape;
  const uri = `${type}://${bucket}/${path.replace(/^\/+/, '')}`;
  return {
    ...checked(storage, uri),
    ...connectionFor(uri, connection),
    ...compact({
      endpoint: parameters.at('endpoint_url').read(endpoint.unwrap()),
      region: parameters.at('region').read(region.unwrap()),
    }),
  };
}
