import { kubectl } from './cluster.ts';

const namespace = '--namespace=dormouse-system';
const deployment = 'deployment/dormouse';

/** Scales the operator of the cluster to nothing and waits until it is gone; it comes back at the end (`await using`). */
export async function stopOperator(): Promise<AsyncDisposable> {
  const replicas = await kubectl(['get', deployment, namespace, '--output=jsonpath={.spec.replicas}']);
  const scale = (to: string) => kubectl(['scale', deployment, namespace, `--replicas=${to}`]);
  await scale('0');
  const pods = ['pods', '--selector=app.kubernetes.io/name=dormouse'];
  await kubectl(['wait', '--for=delete', ...pods, namespace, '--timeout=120s']);
  return {
    [Symbol.asyncDispose]: async () => {
      await scale(replicas);
      await rolledOut();
    },
  };
}

/** Rolls the operator of the cluster out anew with these flags added; at the end as it was (`await using`). */
export async function upgradeOperator(...flags: readonly string[]): Promise<AsyncDisposable> {
  const path = '/spec/template/spec/containers/0/args';
  const before = JSON.parse(
    await kubectl([
      'get',
      deployment,
      namespace,
      '--output=jsonpath={.spec.template.spec.containers[0].args}',
    ]),
  );
  const roll = async (value: readonly string[]): Promise<void> => {
    const patch = JSON.stringify([{ op: 'replace', path, value }]);
    await kubectl(['patch', deployment, namespace, '--type=json', `--patch=${patch}`]);
    await rolledOut();
  };
  await roll([...before, ...flags]);
  return { [Symbol.asyncDispose]: () => roll(before) };
}

const rolledOut = () => kubectl(['rollout', 'status', deployment, namespace, '--timeout=120s']);
