import type { InferenceModelSpec } from '#api/v1alpha1/spec.ts';

/** What the author of a model may ask for, as the operator's configuration says. Left out, everything. */
export interface Allowance {
  /** Image references, in which `*` stands for any text. */
  readonly images?: readonly string[] | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
}

/** One sentence for each part of a model that is not allowed here. The image of a runtime is its owner's choice. */
export function disallowed(spec: InferenceModelSpec, { images, serviceAccounts }: Allowance): string[] {
  const asked = [
    { field: 'spec.container.image', value: spec.container?.image, allowed: images },
    { field: 'spec.runtime.image', value: spec.runtime?.image, allowed: images },
    {
      field: 'spec.serviceAccountName',
      value: spec.serviceAccountName ?? 'default',
      allowed: serviceAccounts,
    },
  ];
  return asked
    .filter(
      ({ value, allowed }) => value !== undefined && allowed && !allowed.some((form) => fits(form, value)),
    )
    .map(
      ({ field, value, allowed }) =>
        `${field}: ${value} is not allowed here: write one of ${allowed?.join(', ') || 'none'}, or ask who runs Dormouse`,
    );
}

/** Whether all of `value` is as `form` says. */
function fits(form: string, value: string): boolean {
  const parts = form.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(value);
}
