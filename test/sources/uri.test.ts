import { describe, expect, test } from 'vitest';
import { schemeNames, schemeOf, schemes } from '#sources/schemes.ts';
import { parseUri } from '#sources/uri.ts';

describe('a URI that can be fetched', () => {
  test.each([
    ['s3://models/iris/v3', { scheme: 's3', bucket: 'models', key: 'iris/v3' }, 'v3', undefined],
    ['s3://models/iris/', { scheme: 's3', bucket: 'models', key: 'iris/' }, 'iris', undefined],
    [
      's3://ab/My Model (1).joblib',
      { bucket: 'ab', key: 'My Model (1).joblib' },
      'My Model (1).joblib',
      undefined,
    ],
    ['s3://ab/モデル/v1.onnx', { bucket: 'ab', key: 'モデル/v1.onnx' }, 'v1.onnx', undefined],
    ['s3://models', { scheme: 's3', bucket: 'models', key: '' }, '', undefined],
    [
      's3://models/a%20b?c#d.tgz',
      { scheme: 's3', bucket: 'models', key: 'a%20b?c#d.tgz' },
      'a%20b?c#d.tgz',
      'tar.gz',
    ],
    [
      'https://host/m/model.tar.gz?sig=x',
      { scheme: 'https', shown: 'https://host/m/model.tar.gz' },
      'model.tar.gz',
      'tar.gz',
    ],
    ['https://host/a%20b.ZIP', { scheme: 'https' }, 'a b.ZIP', 'zip'],
    ['hf://org/m', { scheme: 'hf', repo: 'org/m', revision: 'main', path: '' }, '', undefined],
    ['hf://models/org/m@v1', { repo: 'org/m', revision: 'v1', path: '' }, '', undefined],
    [
      'hf://org/m@refs/pr/7/a/b.zip',
      { repo: 'org/m', revision: 'refs/pr/7', path: 'a/b.zip' },
      'b.zip',
      'zip',
    ],
    [
      'hf://org/m@a%2Fb/c@d.gguf',
      { repo: 'org/m', revision: 'a/b', path: 'c@d.gguf' },
      'c@d.gguf',
      undefined,
    ],
    ['hf://org/m/c@d.gguf', { repo: 'org/m', revision: 'main', path: 'c@d.gguf' }, 'c@d.gguf', undefined],
    ['hf://gpt2@main/onnx/', { repo: 'gpt2', revision: 'main', path: 'onnx' }, 'onnx', undefined],
    ['http://host/model.onnx', { scheme: 'http' }, 'model.onnx', undefined],
    ['file:///models/iris.tar', { scheme: 'file', path: '/models/iris.tar' }, 'iris.tar', 'tar'],
    ['file:///a%20b', { scheme: 'file', path: '/a b' }, 'a b', undefined],
  ])('%s', (text, parts, name, kind) => {
    const uri = parseUri(text, { allowHttp: true });
    expect(uri).toMatchObject(parts);
    expect([uri.name, uri.archive]).toEqual([name, kind]);
  });
});

describe('a URI that is refused says what to write instead', () => {
  test.each([
    ['/models/iris', /it has no scheme: use s3:\/\/, gs:\/\/, https:\/\/, file:\/\/, hf:\/\/ or oci:\/\/\.$/],
    ['ftp://host/x', /ftp:\/\/ is unknown: use s3:\/\//],
    ['az://a/x', /az:\/\/ cannot be read yet: use s3:\/\//],
    ['az://account/container/x', /cannot be read yet/],
    ['hf://', /no repository of the hub: write hf:\/\/organization\/model/],
    ['hf://org/model@', /no repository/],
    ['hf://org/model:v1', /behind an @: write hf:\/\/org\/model@v1\./],
    ['hf://datasets/org/rows', /datasets of the hub hold no models/],
    ['hf://org/model/../x', /"\.\."/],
    ['hf://org/model@..%2F..%2Fx/a', /no repository/],
    ['s3://bucket/a\nb', /holds "\\n", which none may/],
    ['s3://bucket/a ', /holds " ", which none may/],
    ['s3://', /bucket/],
    ['s3:///key', /write s3:\/\/bucket\/key/],
    ['s3://b@d/key', /bucket's name/],
    ['http://host/x', /--allow-http/],
    ['https://user:secret@host/x', /DORMOUSE_HTTP_AUTHORIZATION/],
    ['https://host/folder/', /no listing/],
    ['https://', /no URL/],
    ['file://models/iris', /write file:\/\/\/models\/iris/],
    ['file:///a%2Fb', /no path/],
  ])('%s', (text, sentence) => {
    expect(() => parseUri(text)).toThrow(sentence);
  });

  test('and shows neither password nor query', () => {
    expect(() => parseUri('https://user:secret@host/x?sig=hidden')).toThrow(/^(?!.*(secret|hidden))/s);
  });
});

test.each([
  {
    uri: 'az://account/iris',
    want: 'az:// cannot be read yet: use s3://, gs://, https://, hf://, oci:// or pvc://',
  },
  {
    uri: 'file:///models/iris',
    want: 'file:// cannot be read in a pod: use s3://, gs://, https://, hf://, oci:// or pvc://',
  },
  {
    uri: 'http://host/iris',
    want: 'http:// cannot be read in a pod: use s3://, gs://, https://, hf://, oci:// or pvc://',
  },
  { uri: 'iris.joblib', want: 'it has no scheme: use s3://, gs://, https://, hf://, oci:// or pvc://' },
])('a pod is offered what it can read: $uri', ({ uri, want }) => {
  expect(() => parseUri(uri, { place: 'Pod' })).toThrow(`${uri}: ${want}.`);
});

test('the example of each scheme is a URI of it', () => {
  for (const name of schemeNames) expect([name, schemeOf(schemes[name].example)]).toEqual([name, name]);
});
