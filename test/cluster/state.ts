import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { adminApi } from './api.ts';
import { makeCredentials } from './credentials.ts';
import { type Folder, remembered } from './folder.ts';
import { ingressAnswers } from './knative/ready.ts';
import { isNodeReady } from './node.ts';
import { endedComponents, findSandbox } from './sandbox.ts';

/** `broken`: something runs, but not all of it. */
export type State = 'up' | 'down' | 'broken';

/** Exists while a cluster has come up whole. */
export const completeMark = (folder: Folder): string => join(folder.run, 'complete');

/** Looks at the processes of a cluster and asks it. */
export async function stateOf(folder: Folder): Promise<State> {
  const last = await remembered(folder);
  if (!last || !(await findSandbox(folder))) return 'down';
  const complete = await access(completeMark(folder)).then(
    () => true,
    () => false,
  );
  if (!complete || (await endedComponents(folder)).length > 0) return 'broken';
  const api = await adminApi(await makeCredentials(folder), last.ports.api);
  try {
    if ((await api.request('GET', '/readyz')).status !== 200) return 'broken';
    if (last.size === 'control-plane') return 'up';
    return (await isNodeReady(api)) && (await ingressAnswers(last.ports)) ? 'up' : 'broken';
  } finally {
    api.close();
  }
}
