import * as z from 'zod';
import { markdownTable } from './table.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** All fields of a schema as the rows of a table, in the order in which they are written: path, type, what it says. */
export function referenceTable(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
  }) as Schema;
  return markdownTable(['field', 'type', 'what it says'], rowsOf('spec', json));
}

function rowsOf(path: string, { properties = {}, required = [] }: Schema): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const at = `${path}.${name}`;
    const says = [
      schema.description ?? '',
      ...(required.includes(name) ? ['**Required.**'] : []),
      ...(schema.default !== undefined && typeof schema.default !== 'object'
        ? [`Default: \`${schema.default}\`.`]
        : []),
    ];
    const below = schema.items ? rowsOf(`${at}[]`, schema.items) : rowsOf(at, schema);
    return [[`\`${at}\``, typeOf(schema), says.filter(Boolean).join(' ').replaceAll('|', '\\|')], ...below];
  });
}

function typeOf({ type, enum: values, items, additionalProperties, anyOf, properties }: Schema): string {
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ');
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`;
  if (type === 'object' && !properties && typeof additionalProperties === 'object')
    return Object.keys(additionalProperties).length > 0 ? `map to ${typeOf(additionalProperties)}` : 'object';
  return type === 'integer' ? 'whole number' : type === 'string' ? 'text' : (type ?? 'any');
}
