import { expect, test } from 'vitest';
import { parseUri } from '#sources/uri.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['oci://registry.example/team/iris:v3#models/', 'https://registry.example', 'team/iris', 'v3', 'models'],
  ['oci://registry.example:5000/iris', 'https://registry.example:5000', 'iris', 'latest', ''],
  ['oci://localhost:5000/iris:v3', 'http://localhost:5000', 'iris', 'v3', ''],
  ['oci://localhost/iris:v3', 'http://localhost', 'iris', 'v3', ''],
  ['oci://127.0.0.1:5000/iris:v3', 'http://127.0.0.1:5000', 'iris', 'v3', ''],
  [`oci://ghcr.io/a/iris:v3@${digest}`, 'https://ghcr.io', 'a/iris', digest, ''],
  ['oci://iris:v3', 'https://registry-1.docker.io', 'library/iris', 'v3', ''],
  ['oci://team/iris', 'https://registry-1.docker.io', 'team/iris', 'latest', ''],
  ['oci://docker.io/iris#a.tar.zst', 'https://registry-1.docker.io', 'library/iris', 'latest', 'a.tar.zst'],
])('%s', (text, origin, repository, reference, path) => {
  const uri = parseUri(text);
  expect(uri).toMatchObject({ scheme: 'oci', repository, reference, path });
  expect(uri.scheme === 'oci' && uri.registry.origin).toBe(origin);
});

test.each([
  'oci://',
  'oci://registry.example/Iris',
  'oci://registry.example/iris:v3#../x',
  'oci://registry.example/',
])('%s is refused', (text) => {
  expect(() => parseUri(text)).toThrow(/write (oci:\/\/registry\.example\.com\/iris:v3|the path without)/);
});
