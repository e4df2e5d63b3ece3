import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '#kube/client/objects.ts';

/** What only a cluster or a kubeconfig knows. */
export type ValueKind = 'models' | 'namespaces' | 'contexts';

/** Flags of the line that say which cluster is meant. */
export interface Where {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

const timeoutMs = 1500;

/** The values of a kind; none where the cluster does not answer at once, as a shell must not wait. */
export async function valuesOf(kind: ValueKind, where: Where): Promise<readonly string[]> {
  try {
    return kind === 'contexts' ? await contextsOf(where) : await namesOf(kind, where);
  } catch {
    return [];
  }
}

async function contextsOf({ kubeconfig }: Where): Promise<string[]> {
  const files = (kubeconfig ?? process.env.KUBECONFIG ?? join(homedir(), '.kube/config')).split(delimiter);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const contexts = texts.flatMap((text) => parse(text)?.contexts ?? []) as readonly {
    readonly name: string;
  }[];
  return [...new Set(contexts.map(({ name }) => name))];
}

async function namesOf(kind: 'models' | 'namespaces', { namespace, ...target }: Where): Promise<string[]> {
  const { connect } = await import('#kube/client/connection.ts');
  const { RestClient } = await import('#kube/client/rest.ts');
  const { modelResource } = await import('#operator/resources.ts');
  const connection = await connect({
    ...(target.kubeconfig && { kubeconfig: target.kubeconfig }),
    ...(target.context && { context: target.context }),
    env: process.env,
  });
  try {
    const client = new RestClient(connection);
    const options = { timeoutMs, limit: 500 };
    const { items } =
      kind === 'models'
        ? await client.list<KubernetesObject>(modelResource, {
            ...options,
            namespace: namespace ?? connection.namespace ?? 'default',
          })
        : await client.list<KubernetesObject>(
            { group: '', version: 'v1', plural: 'namespaces', namespaced: false },
            options,
          );
    return items.map(({ metadata }) => metadata.name);
  } finally {
    await connection.close();
  }
}

/** The flags among some words that say which cluster is meant. */
export function whereIn(words: readonly string[]): Where {
  const flagValue = (...flags: readonly string[]) => {
    const index = words.findIndex((word) => flags.includes(word));
    const inline = words.find((word) => flags.some((flag) => word.startsWith(`${flag}=`)));
    return index >= 0 ? words[index + 1] : inline?.slice(inline.indexOf('=') + 1);
  };
  return {
    kubeconfig: flagValue('--kubeconfig'),
    context: flagValue('--context'),
    namespace: flagValue('-n', '--namespace'),
  };
}
