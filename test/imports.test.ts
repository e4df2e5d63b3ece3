import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = join(import.meta.dirname, '../src');

/**
 * The rooms of `src`, each with those that it may import: imports go one way. `node` stands for Node.js' own modules,
 * and marks the rooms that are not pure.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  base: ['node'],
  kube: ['base', 'node'],
  sources: [],
  api: ['base', 'sources'],
  knative: ['base', 'kube', 'api'],
  catalogue: ['api', 'node'],
  synth: ['base', 'api', 'knative', 'sources'],
  decision: ['base', 'kube', 'api', 'knative', 'synth'],
  status: ['base', 'kube', 'api', 'knative'],
  plan: ['base', 'api', 'knative', 'synth', 'node'],
  import: ['base', 'api', 'knative', 'synth', 'sources'],
  fetch: ['base', 'sources', 'node'],
  http: ['base', 'node'],
  metrics: ['base', 'kube', 'api', 'node'],
  config: ['base', 'kube', 'api', 'http', 'node'],
  operator: ['base', 'kube', 'api', 'knative', 'synth', 'decision', 'status', 'node'],
};
/** These may import every other room. */
const tops = ['cli', 'release'];

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const roomOf = (file: string): string => file.split('/')[0] ?? '';

/** What a file imports: rooms by their names, Node.js' modules as `node`. Packages are not looked at. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)].flatMap(([, specifier = '']) => {
    if (specifier.startsWith('#')) return [roomOf(specifier.slice(1))];
    if (specifier.startsWith('node:')) return ['node'];
    if (!specifier.startsWith('.') || specifier.endsWith('package.json')) return [];
    return [roomOf(relative(src, join(src, file, '..', specifier)))];
  });
}

describe('imports go one way', () => {
  test.each(Object.keys(rooms))('%s', (room) => {
    const allowed = new Set([room, ...(rooms[room] ?? [])]);
    const wrong = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => importsOf(file).map((imported) => ({ file, imported })))
      .filter(({ imported }) => !allowed.has(imported))
      .map(({ file, imported }) => `${file} imports ${imported}`);
    expect(wrong).toEqual([]);
  });

  test('no room is missing from the table', () => {
    const found = new Set(files.filter((file) => file.includes('/')).map(roomOf));
    expect([...found].sort()).toEqual([...Object.keys(rooms), ...tops].sort());
  });
});
