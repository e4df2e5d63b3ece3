import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { auditOf } from './audit.ts';

import { manifests, operatorUser } from './install.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly Rule[];
}

/** Each right that manifests/ gives the operator, as `verb resource.group`, with the name and namespace it is bound to. */
export async function grantedRights(): Promise<string[]> {
  const text = await readFile(join(manifests, 'install.yaml'), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Role);
  const roles = objects.filter(
    ({ kind, metadata }) => ['ClusterRole', 'Role'].includes(kind) && metadata.name.startsWith('dormouse:'),
  );
  return roles.flatMap(({ metadata: { namespace }, rules }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames = [], verbs }) =>
      product<string | undefined>(
        apiGroups,
        resources,
        resourceNames.length > 0 ? resourceNames : [undefined],
        verbs,
      ).map(([group, resource, name, verb]) =>
        right(verb ?? '', resource ?? '', group ?? '', name, namespace),
      ),
    ),
  );
}

/** Each right that a request of the operator has used, in the forms that a Role may give it. */
export async function usedRights(): Promise<Set<string>> {
  const used = new Set<string>();
  for (const { verb, objectRef, code } of await auditOf(operatorUser)) {
    const { apiGroup = '', resource, subresource, name, namespace } = objectRef;
    const path = subresource ? `${resource}/${subresource}` : resource;
    // An apply that made its object has used the right to create it, too.
    for (const each of verb === 'patch' && code === 201 ? [verb, 'create'] : [verb])
      for (const [named, placed] of product([undefined, name], [undefined, namespace]))
        used.add(right(each, path, apiGroup, named, placed));
  }
  return used;
}

function right(verb: string, resource: string, group: string, name?: string, namespace?: string): string {
  const of = group ? `${resource}.${group}` : resource;
  return [`${verb} ${of}`, name && `"${name}"`, namespace && `in ${namespace}`].filter(Boolean).join(' ');
}

/** Every way to take one item of each list. */
const product = <T>(...lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);
