import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { synthesize } from '#synth/synthesize.ts';
import { goldens } from '../support/goldens.ts';

// After a wanted change: npm run golden
it.each(goldens)('$name becomes the Knative Service beside it', async ({ model, environment, service }) => {
  const made = stringify(synthesize(model, environment), { lineWidth: 0 });
  await expect(made).toMatchFileSnapshot(service);
});
