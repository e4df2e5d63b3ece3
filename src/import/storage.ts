import * as z from 'zod';
import { model } from '#api/v1alpha1/model.ts';
import { NotConvertibleError } from './reasons.ts';
import type { Source } from './source.ts';
import { storeOf } from './store-address.ts';

/** Where a model lies. */
export interface Location {
  readonly uri: string;
}

/**
 * Where the model of a predictor lies; undefined where it names none.
 * @throws NotConvertibleError where it lies where a URI cannot say
 */
export function readLocation(predictor: Source, server: Source): Location | undefined {
  const single = server.at('storageUri');
  const several = predictor.at('storageUris').items();
  const storage = server.at('storage');
  storage.at('key').settle('credentials');
  if (single.exists) return readUri(single);
  if (several.length > 1)
    throw new NotConvertibleError(several[1]?.path ?? '', 'storage', 'a model comes from one URI');
  const [only] = several;
  if (only) {
    if (!only.at('mountPath').exists || only.at('mountPath').takeIf('/mnt/models'))
      return readUri(only.at('uri'));
    throw new NotConvertibleError(only.at('mountPath').path, 'storage', 'models are in /mnt/models');
  }
  return storage.exists ? composed(storage) : undefined;
}

/**
 * The location that a URI or an address of a store names.
 * @throws NotConvertibleError for a URI that a model cannot have
 */
export function readUri(from: Source): Location {
  const text = from.read(z.string()) ?? '';
  const store = storeOf(text);
  if (store?.type === 'file-share')
    throw new NotConvertibleError(
      from.path,
      'storage',
      'a share of Azure Files: mount it by a PersistentVolumeClaim, and write pvc://claim/path',
    );
  if (store?.type !== 'store') return checked(from, text);
  from.note('store', store.uri);
  if (store.hasToken) from.note('credentials', 'the token in its query');
  return checked(from, store.uri);
}

function checked(from: Source, uri: string): Location {
  const { success, error } = model.shape.uri.safeParse(uri);
  if (success) return { uri };
  throw new NotConvertibleError(from.path, 'storage', error.issues[0]?.message);
}

/** The URI of a path in a bucket; where it says of which kind the storage is. */
function composed(storage: Source): Location {
  const parameters = storage.at('parameters');
  const type = parameters.at('type').read(z.string());
  const bucket = parameters.at('bucket').read(z.string());
  const path = storage.at('path').read(z.string());
  if (type === undefined || bucket === undefined || path === undefined)
    throw new NotConvertibleError(
      storage.path,
      'storage',
      'path, parameters.type and parameters.bucket would make a URI; what is missing stands in a Secret',
    );
  return checked(storage, `${type}://${bucket}/${path.replace(/^\/+/, '')}`);
}
