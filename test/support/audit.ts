import { readFile } from 'node:fs/promises';
import { cluster } from './cluster.ts';
import { operatorUser } from './install.ts';

/**
 * What the operator wrote in a namespace about a model and its children, by the API server's own account: each as
 * `verb resource`, or `verb resource/subresource`.
 */
export async function operatorWrites(namespace: string, model: string): Promise<string[]> {
  const lines = (await readFile(cluster().auditLog ?? '', 'utf8')).split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ user, impersonatedUser = user }) => impersonatedUser.username === operatorUser)
    .filter(({ stage, verb }) => stage === 'ResponseComplete' && !['list', 'watch', 'get'].includes(verb))
    .filter(({ objectRef }) => objectRef?.namespace === namespace && objectRef.name.startsWith(model))
    .map(({ verb, objectRef: { resource, subresource } }) =>
      [`${verb} ${resource}`, ...(subresource ? [subresource] : [])].join('/'),
    );
}
