import type * as z from 'zod';
import type { PartReason, Remark } from './reasons.ts';

/**
 * A field of an object that is being converted, which may be missing. It remembers what was taken of it and what was
 * said of it; all the rest is said to be lost in the end, so nothing is dropped in silence.
 */
export class Source {
  /** Such as `spec.predictor.minReplicas`; empty for the whole object. */
  readonly path: string;
  readonly #value: unknown;
  readonly #below = new Map<string | number, Source>();
  readonly #said: Remark[] = [];
  #settled = false;

  constructor(value: unknown, path = '') {
    this.#value = value;
    this.path = path;
  }

  /** Whether there is something; null, {} and [] say nothing to Kubernetes. */
  get exists(): boolean {
    if (this.#value === undefined || this.#value === null) return false;
    return typeof this.#value !== 'object' || keysOf(this.#value).length > 0;
  }

  /** Whether it was taken or spoken of as a whole. */
  get settled(): boolean {
    return this.#settled;
  }

  at(...path: readonly [string, ...string[]]): Source {
    return path.reduce((source: Source, key) => source.#child(key), this);
  }

  /** The items of a list. */
  items(): Source[] {
    return Array.isArray(this.#value) ? this.#value.map((_, index) => this.#child(index)) : [];
  }

  /** The fields of a map, by their keys. */
  entries(): [string, Source][] {
    return Array.isArray(this.#value)
      ? []
      : keysOf(this.#value).map((key) => [String(key), this.#child(key)]);
  }

  /** Those fields of a map that are text. Takes nothing. */
  texts(): Readonly<Record<string, string>> {
    const texts = this.entries().map(([key, source]) => [key, source.#value] as const);
    return Object.fromEntries(texts.filter((text): text is [string, string] => typeof text[1] === 'string'));
  }

  /** Takes a value that a schema accepts, and says of any other what is wrong with it. */
  read<T>(schema: z.ZodType<T>): T | undefined {
    if (!this.exists) return undefined;
    const { success, data, error } = schema.safeParse(this.#value);
    if (success) this.#settled = true;
    else this.settle('value', error.issues[0]?.message);
    return data;
  }

  /** The value where it is text. Takes nothing. */
  get text(): string | undefined {
    return typeof this.#value === 'string' ? this.#value : undefined;
  }

  /** The value where it is a number. Takes nothing. */
  get number(): number | undefined {
    return typeof this.#value === 'number' ? this.#value : undefined;
  }

  /** Whether the value is this one. Takes nothing. */
  is(value: string | number | boolean): boolean {
    return this.#value === value;
  }

  /** Takes one of some values, and tells whether it was one. */
  takeIf(...values: readonly (string | number | boolean)[]): boolean {
    const taken = values.some((value) => this.is(value));
    this.#settled ||= taken;
    return taken;
  }

  /** Says why it is not carried over as it stands. */
  settle(reason: PartReason, detail?: string): void {
    if (!this.exists || this.#settled) return;
    this.note(reason, detail);
    this.#settled = true;
  }

  /** Says something of it, whether it exists or not, and takes nothing. */
  note(reason: PartReason, detail?: string): void {
    this.#said.push({ path: this.path, reason, detail });
  }

  /** What was said, in the order of the object, and `no-field` of what no reader took or named. */
  remarks(): Remark[] {
    return this.#remarks(false);
  }

  #remarks(covered: boolean): Remark[] {
    const keys = keysOf(this.#value);
    const done = covered || this.#settled || !this.exists;
    const unread = !done && (keys.length === 0 || !this.#isTouched());
    if (!done && !unread) for (const key of keys) this.#child(key);
    return [
      ...this.#said,
      ...(unread ? [{ path: this.path, reason: 'no-field' } as const] : []),
      ...this.#inOrder(keys).flatMap((source) => source.#remarks(done || unread)),
    ];
  }

  #child(key: string | number): Source {
    const known = this.#below.get(key);
    if (known) return known;
    const value = isHolder(this.#value) && Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    const child = new Source(value, this.path + step(key, this.path === ''));
    this.#below.set(key, child);
    return child;
  }

  #isTouched(): boolean {
    return this.#settled || [...this.#below.values()].some((source) => source.#isTouched());
  }

  /** What is missing comes behind what is there. */
  #inOrder(keys: readonly (string | number)[]): Source[] {
    const found = keys.flatMap((key) => this.#below.get(key) ?? []);
    return [...new Set([...found, ...this.#below.values()])];
  }
}

type Holder = Readonly<Record<string | number, unknown>>;

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

const keysOf = (value: unknown): readonly (string | number)[] => {
  if (Array.isArray(value)) return [...value.keys()];
  return isHolder(value) ? Object.keys(value) : [];
};

const step = (key: string | number, isFirst: boolean): string => {
  if (typeof key === 'number') return `[${key}]`;
  if (/^[a-zA-Z_][-\w]*$/.test(key)) return isFirst ? key : `.${key}`;
  return `[${JSON.stringify(key)}]`;
};
