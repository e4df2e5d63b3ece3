import { once } from 'node:events';
import { expect, it } from 'vitest';
import { found } from './models.ts';
import { start } from './process.ts';
import { kubeconfigOf } from './run.ts';

const models = {
  apiVersion: 'dormouse.dev/v1alpha1',
  kind: 'InferenceModelList',
  metadata: { resourceVersion: '1' },
  items: [found()],
};

it('what nobody reads on ends without a word, as in "| head"', { timeout: 60_000 }, async () => {
  const config = await kubeconfigOf((_, response) => response.end(JSON.stringify(models)));
  const { child, ended, stderr } = start(['get', '--kubeconfig', config]);
  child.stdout.destroy();
  await once(child.stdout, 'close');
  expect(await ended).toBe(141);
  expect(await stderr).toBe('');
});
