import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../cluster/exec.ts';
import { cacheFolder } from '../cluster/folder.ts';
import { cached, contentKey } from '../images/cache.ts';
import { install } from '../images/pip.ts';
import { findPython, type Python } from '../images/python.ts';

export interface Snapshot {
  readonly repo_id: string;
  readonly revision?: string;
  readonly local_dir: string;
  readonly allow_patterns?: readonly string[];
  readonly ignore_patterns?: readonly string[];
  /** False asks as a stranger. */
  readonly token?: string | false;
}

/**
 * Downloads a repository from a hub by the hub's own client, huggingface_hub, which is installed from PyPI into the user's
 * cache folder at first use. Gives the class of what it raised; undefined where all went well.
 */
export async function downloadSnapshot(
  endpoint: string,
  home: string,
  snapshot: Snapshot,
): Promise<string | undefined> {
  const python = await findPython();
  const env = {
    PYTHONPATH: await library(python),
    HF_ENDPOINT: endpoint,
    HF_HOME: home,
    HF_HUB_DISABLE_XET: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
  };
  const input = JSON.stringify(snapshot);
  const answer = await run([python.command, '-s', path('snapshot.py')], { env, input });
  const { error } = JSON.parse(answer) as { error: string | null };
  return error ?? undefined;
}

async function library(python: Python): Promise<string> {
  const requirements = path('requirements.txt');
  const key = `huggingface-${await contentKey([requirements], [python.version, python.executable])}`;
  return cached(join(cacheFolder, 'clients'), key, (folder) => install(python, requirements, folder));
}

function path(name: string): string {
  return fileURLToPath(new URL(`huggingface/${name}`, import.meta.url));
}
