import { describe, expect, it } from 'vitest';
import { storeOf } from '#import/store-address.ts';
import { imported, remarksOf, service, specsOf } from './inputs.ts';

describe('an https address of a store', () => {
  it.each([
    {
      name: "KServe's own example of Azure blobs",
      given: 'https://kserve.blob.core.windows.net/triton/simple_string/',
      want: 'az://kserve/triton/simple_string/',
    },
    {
      name: 'blobs in a zone',
      given: 'https://acct.z12.blob.storage.azure.net/models/iris',
      want: 'az://acct/models/iris',
    },
    {
      name: 'Data Lake',
      given: 'https://acct.dfs.core.windows.net/models/iris/model.joblib',
      want: 'az://acct/models/iris/model.joblib',
    },
    {
      name: 'Cloud Storage by path',
      given: 'https://storage.googleapis.com/kfserving-examples/models/sklearn/1.0/model',
      want: 'gs://kfserving-examples/models/sklearn/1.0/model',
    },
    {
      name: 'Cloud Storage by host',
      given: 'https://my.bucket.storage.googleapis.com/iris/model.joblib',
      want: 'gs://my.bucket/iris/model.joblib',
    },
    {
      name: 'the address that a browser shows',
      given: 'https://storage.cloud.google.com/models/iris.tar.gz',
      want: 'gs://models/iris.tar.gz',
    },
    {
      name: 'S3 by host, without a region',
      given: 'https://models.s3.amazonaws.com/iris/v3/model.joblib',
      want: 's3://models/iris/v3/model.joblib',
    },
    {
      name: 'S3 by host, with a region',
      given: 'https://my.models.s3.eu-central-1.amazonaws.com/iris/',
      want: 's3://my.models/iris/',
      region: 'eu-central-1',
    },
    {
      name: 'S3 by host, in the old manner',
      given: 'https://models.s3-us-west-2.amazonaws.com/iris',
      want: 's3://models/iris',
      region: 'us-west-2',
    },
    {
      name: 'S3 by path',
      given: 'https://s3.us-gov-west-1.amazonaws.com/models/iris',
      want: 's3://models/iris',
      region: 'us-gov-west-1',
    },
    {
      name: 'S3 by path, without a region',
      given: 'https://s3.amazonaws.com/models/a',
      want: 's3://models/a',
    },
    {
      name: 'S3 by path, in the old manner',
      given: 'https://s3-eu-west-1.amazonaws.com/models/a',
      want: 's3://models/a',
      region: 'eu-west-1',
    },
    {
      name: 'S3 of both IP versions',
      given: 'https://models.s3.dualstack.eu-west-1.amazonaws.com/iris',
      want: 's3://models/iris',
      region: 'eu-west-1',
    },
    {
      name: 'S3 of both IP versions by path',
      given: 'https://s3.dualstack.eu-west-1.amazonaws.com/models/iris',
      want: 's3://models/iris',
      region: 'eu-west-1',
    },
    {
      name: 'S3 in China',
      given: 'https://models.s3.cn-north-1.amazonaws.com.cn/iris',
      want: 's3://models/iris',
      region: 'cn-north-1',
    },
    {
      name: 'S3 with acceleration',
      given: 'https://models.s3-accelerate.amazonaws.com/iris',
      want: 's3://models/iris',
    },
    {
      name: 'S3 with FIPS',
      given: 'https://models.s3-fips.us-east-2.amazonaws.com/iris',
      want: 's3://models/iris',
      region: 'us-east-2',
    },
    {
      name: 'a key that is encoded',
      given: 'https://models.s3.amazonaws.com/iris%2Bv3/model.joblib',
      want: 's3://models/iris+v3/model.joblib',
    },
  ])('is one URI: $name', ({ given, want, region }) => {
    expect(storeOf(given)).toEqual({ type: 'store', uri: want, region, hasToken: false });
    const outcomes = imported(service(`{ sklearn: { storageUri: "${given}" } }`));
    expect(specsOf(outcomes)).toMatchObject([{ model: { uri: want } }]);
    expect(remarksOf(outcomes)).toContain('store spec.predictor.sklearn.storageUri');
  });

  it.each([
    'https://github.com/tduffy000/kfserving-uri-examples/blob/master/sklearn/frozen/model.joblib?raw=true',
    'https://example.com/blob.core.windows.net/a/b',
    'https://blob.core.windows.net.example.com/a/b',
    'https://models.s3.eu-west-1.amazonaws.com/iris?X-Amz-Signature=abc',
    'https://storage.googleapis.com/models/iris?X-Goog-Signature=abc',
    'https://minio.example.com/models/iris',
    'https://s3.amazonaws.com/',
    'https://models.s3-website-us-east-1.amazonaws.com/iris',
  ])('stays as it is where it names a file: %s', (uri) => {
    expect(storeOf(uri)).toBeUndefined();
  });

  it('with a token becomes the URI, and the token is lost without being shown', () => {
    const uri = 'https://acct.blob.core.windows.net/models/iris?sv=2024&sig=secret';
    const outcomes = imported(service(`{ sklearn: { storageUri: "${uri}" } }`));
    expect(specsOf(outcomes)).toMatchObject([{ model: { uri: 'az://acct/models/iris' } }]);
    expect(remarksOf(outcomes)).toContain('credentials spec.predictor.sklearn.storageUri');
    expect(JSON.stringify(outcomes)).not.toContain('secret');
  });

  it('of a share of Azure Files is refused, and the way by a claim is named', () => {
    const outcomes = imported(
      service('{ sklearn: { storageUri: "https://acct.file.core.windows.net/share/iris" } }'),
    );
    expect(outcomes[0]).toMatchObject({
      result: 'refused',
      remarks: [{ reason: 'storage', detail: expect.stringContaining('pvc://claim/path') }],
    });
  });
});

it.each([
  ['hf://org/model', 'hf://org/model'],
  ['hf://org/model:0a1b2c', 'hf://org/model@0a1b2c'],
  ['oci://registry.example/iris:v3', 'oci://registry.example/iris:v3#models'],
])('a URI that means something else to KServe is written anew: %s', (given, want) => {
  expect(specsOf(imported(service(`{ sklearn: { storageUri: "${given}" } }`)))).toMatchObject([
    { model: { uri: want } },
  ]);
});
