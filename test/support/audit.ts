import { readFile } from 'node:fs/promises';
import { cluster } from './cluster.ts';
import { operatorUser } from './install.ts';

/** A request by the API server's own account. */
export interface Audited {
  readonly verb: string;
  /** Of the answer. */
  readonly code: number;
  readonly objectRef: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
}

/** What a user has asked for of objects, and whether it got it. */
export async function auditOf(username: string): Promise<Audited[]> {
  const lines = (await readFile(cluster().auditLog ?? '', 'utf8')).split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ user, impersonatedUser = user }) => impersonatedUser.username === username)
    .filter(({ stage, objectRef }) => stage !== 'ResponseStarted' && objectRef?.resource)
    .map(({ verb, objectRef, responseStatus }) => ({ verb, objectRef, code: responseStatus?.code ?? 0 }));
}

/**
 * What the operator wrote in a namespace about a model and its children: each as `verb resource`, or
 * `verb resource/subresource`.
 */
export async function operatorWrites(namespace: string, model: string): Promise<string[]> {
  return (
    (await auditOf(operatorUser))
      .filter(({ verb }) => !['list', 'watch', 'get'].includes(verb))
      // Events are written behind a reconcile, and tests of their own look at them.
      .filter(({ objectRef }) => objectRef.resource !== 'events')
      .filter(({ objectRef }) => objectRef.namespace === namespace && objectRef.name?.startsWith(model))
      .map(({ verb, objectRef: { resource, subresource } }) =>
        [`${verb} ${resource}`, ...(subresource ? [subresource] : [])].join('/'),
      )
  );
}
