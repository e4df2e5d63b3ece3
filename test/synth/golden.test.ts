import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';

const golden = join(import.meta.dirname, 'golden');
const names = readdirSync(golden)
  .filter((file) => file.endsWith('.model.yaml'))
  .map((file) => file.replace('.model.yaml', ''));

// After a wanted change: npm run golden
it.each(names)('%s becomes the Knative Service beside it', async (name) => {
  const model = parseInferenceModel(parse(readFileSync(join(golden, `${name}.model.yaml`), 'utf8')));
  const service = stringify(synthesize(model, environment()), { lineWidth: 0 });
  await expect(service).toMatchFileSnapshot(join(golden, `${name}.service.yaml`));
});
