import { describe, expect, test } from 'vitest';
import { parseMounted } from '#sources/mounted.ts';

describe('a model that is mounted where it lies', () => {
  test.each([
    ['pvc://models', { scheme: 'pvc', claim: 'models', path: '', isFile: false }],
    ['pvc://models/', { scheme: 'pvc', claim: 'models', path: '', isFile: false }],
    ['pvc://models/iris/v3.joblib', { scheme: 'pvc', claim: 'models', path: 'iris/v3.joblib', isFile: true }],
    ['pvc://models/iris/v1.2', { scheme: 'pvc', claim: 'models', path: 'iris/v1.2', isFile: false }],
    ['pvc://models/iris.d/', { scheme: 'pvc', claim: 'models', path: 'iris.d', isFile: false }],
    ['pvc://models//a//b', { scheme: 'pvc', claim: 'models', path: 'a/b', isFile: false }],
    ['pvc://models/a b/%20', { scheme: 'pvc', claim: 'models', path: 'a b/%20', isFile: false }],
    [
      'oci://r.example:5000/a/b:v1',
      { scheme: 'oci', reference: 'r.example:5000/a/b:v1', path: '', isFile: false },
    ],
    [
      'oci://r.example/a@sha256:0f#models/iris.onnx',
      { scheme: 'oci', reference: 'r.example/a@sha256:0f', path: 'models/iris.onnx', isFile: true },
    ],
  ])('%s', (uri, expected) => {
    expect(parseMounted(uri)).toEqual(expected);
  });

  test.each([
    'pvc://',
    'pvc://-a/b',
    'pvc://a/../b',
    'pvc://a/..',
    'oci://',
    'oci://r.example/a#../b',
    'oci://a b',
  ])('%s is refused, with what to write', (uri) => {
    expect(() => parseMounted(uri)).toThrow(/: .*(write|without)/);
  });
});
