import { dirname, join } from 'node:path';
import { findOrBuild } from '../cluster/binaries.ts';
import { progress } from '../cluster/progress.ts';
import { cached, contentKey, defaultCache } from './cache.ts';
import { writeImage, writerVersion } from './oci.ts';

export const storageImageName = 'dev.local/versitygw:1';

/** An S3 server for tests within the cluster: versitygw, as the storage tests run it. */
export async function storageImage({ log }: { readonly log: (line: string) => void }) {
  const { versitygw } = await findOrBuild(['versitygw'], progress(log));
  // The folder of a binary carries the key of what it was built from.
  const key = `versitygw-${await contentKey([], [dirname(versitygw), writerVersion])}`;
  const folder = await cached(defaultCache(), key, async (scratch) => {
    await writeImage(join(scratch, 'image.tar'), {
      name: storageImageName,
      files: [{ source: versitygw, target: '/usr/bin/versitygw' }],
      entrypoint: ['/usr/bin/versitygw'],
    });
  });
  return { archive: join(folder, 'image.tar'), name: storageImageName };
}
