import * as z from 'zod';
import type { ListenAddress } from '#http/server.ts';

/** What the command line says of a setting. */
export interface Flag {
  /** As commander takes it: `--workers <number>`. */
  readonly flag: string;
  readonly description: string;
  /** Gives the value that the text of the flag stands for; what is not of the right form stays as it is. */
  readonly read?: (text: string, before?: unknown) => unknown;
}

export const flags = z.registry<Flag>();

/** Gives a setting of the file a flag. */
export function setting<S extends z.ZodType>(
  schema: S,
  flag: string,
  description: string,
  read?: Flag['read'],
): S {
  flags.add(schema, { flag, description, ...(read && { read }) });
  return schema;
}

export const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

export const readNumber = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);

/** Settings that belong together. */
export const group = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === 'invalid_type' ? 'must be a mapping of settings' : undefined),
  });

export const readBoolean = (text: string) => ({ true: true, false: false })[text] ?? text;

/** A list is given with commas, or by repeating the flag. */
export const readList = (text: string, before: unknown) => [
  ...(Array.isArray(before) ? before : []),
  ...text.split(','),
];

const addressForm = /^(?:\[([0-9a-fA-F:.]+)\]|([-.a-zA-Z0-9]*)):(\d{1,5})$/;

/** Where to listen, as Go writes it: `:8080` for all interfaces; `undefined` for `0`, which means nowhere. */
export const listenAddress = z
  .string({ error: addressError() })
  .transform((text, context): ListenAddress | undefined => {
    if (text === '0') return undefined;
    const [, ip, name, port] = addressForm.exec(text) ?? [];
    if (port !== undefined && Number(port) <= 65535)
      return { ...((ip || name) && { host: ip || name }), port: Number(port) };
    context.addIssue({ code: 'custom', message: addressError() });
    return z.NEVER;
  });

function addressError(): string {
  return 'must be an address such as ":8080" or "127.0.0.1:8080", or "0" for none';
}
