import * as z from 'zod';
import { model, schemes } from '#api/v1alpha1/model.ts';
import { NotConvertibleError } from './not-convertible.ts';
import type { Source } from './source.ts';

const known = schemes.map((scheme) => `${scheme}://`).join(', ');

/**
 * Where the model of a predictor lies.
 * @throws NotConvertibleError where there is none, or it cannot be said by a URI
 */
export function readUri(predictor: Source, server: Source): string {
  const single = server.at('storageUri');
  const several = predictor.at('storageUris').items();
  const storage = server.at('storage');
  storage.at('key').say('credentials');
  if (single.exists) return checked(single);
  if (several.length > 1)
    throw new NotConvertibleError(several[1]?.path ?? '', 'storage', 'a model comes from one URI');
  const [only] = several;
  if (only) {
    if (!only.at('mountPath').exists || only.at('mountPath').takeIf('/mnt/models'))
      return checked(only.at('uri'));
    throw new NotConvertibleError(only.at('mountPath').path, 'storage', 'models are in /mnt/models');
  }
  if (storage.exists) return composed(storage);
  throw new NotConvertibleError(server.path, 'multi-model', 'it names no model');
}

/**
 * A URI that a model may have.
 * @throws NotConvertibleError for any other
 */
export function checked(from: Source): string {
  const { success, data } = model.shape.uri.safeParse(from.read(z.string()));
  if (success) return data;
  throw new NotConvertibleError(from.path, 'storage', `a URI begins with one of ${known}`);
}

/** The URI of a path in a bucket; where it says of which kind the storage is. */
function composed(storage: Source): string {
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
  const uri = `${type}://${bucket}/${path.replace(/^\/+/, '')}`;
  if (model.shape.uri.safeParse(uri).success) return uri;
  throw new NotConvertibleError(storage.path, 'storage', `a URI begins with one of ${known}`);
}
