import { join } from 'node:path';
import { expect, it } from 'vitest';
import { customResourceDefinitions } from '#api/v1alpha1/crd.ts';

interface Rule {
  readonly rule: string;
  readonly message: string;
}

/** Each distinct rule of a schema, with its message. */
function rulesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'x-kubernetes-validations'
      ? (inner as Rule[]).map(({ rule, message }) => `${message}\n  ${rule}`)
      : rulesIn(inner),
  );
}

it('the rules in CEL are the ones in the golden file, so that a change of what makes them is seen', async () => {
  const rules = [...new Set(rulesIn(customResourceDefinitions()))].sort();
  await expect(`${rules.join('\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'cel-rules.txt'));
});
