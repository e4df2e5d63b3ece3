import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** A pickle that calls a function of Python's own (https://docs.python.org/3/library/pickletools.html). */
const pickleOf = (name: 'eval' | 'exec', code: string): string => `cbuiltins\n${name}\n(V${code}\ntR.`;

/** A .tar.gz of files, by their paths. */
async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text);
  archive.finalize();
  return gzipSync(await buffer(archive));
}

/** What data scientists upload in the place of a model, by the keys of a bucket. */
export const brokenModels = async (): Promise<Readonly<Record<string, string | Buffer>>> => ({
  'broken/empty.joblib': Buffer.alloc(0),
  'broken/garbage.joblib': 'no model',
  'broken/garbage.json': 'no model',
  'broken/garbage.bst': 'no model',
  'broken/garbage.onnx': 'no model',
  'broken/lost-class.joblib': 'c__main__\nAddRatio\n.',
  // scikit-learn 0.22 moved this module away.
  'broken/old-library.joblib': 'csklearn.linear_model.logistic\nLogisticRegression\n.',
  'broken/raises.joblib': pickleOf('eval', '1/0'),
  'broken/folder.tar.gz': await archiveOf({ 'model/model.joblib': 'no model' }),
  'broken/two/a.joblib': 'a',
  'broken/two/b.joblib': 'b',
});
