import { describe, expect, it } from 'vitest';
import { imported, remarksOf, service, specsOf } from './inputs.ts';

/** As in KServe's sample for S3. */
const account = `apiVersion: v1
kind: ServiceAccount
metadata: { name: sa }
secrets: [{ name: mysecret }]
`;
const secret = (
  annotations: string,
  values = 'stringData: { AWS_ACCESS_KEY_ID: minio, AWS_SECRET_ACCESS_KEY: minio123 }',
  name = 'mysecret',
) => `apiVersion: v1
kind: Secret
metadata: { name: ${name}, annotations: { ${annotations} } }
${values}
`;
const mnist = service(
  '{ serviceAccountName: sa, tensorflow: { storageUri: "s3://kfserving-examples/mnist" } }',
);

describe('a Secret of a ServiceAccount', () => {
  it.each([
    {
      name: 'with an endpoint and a region',
      annotations:
        'serving.kserve.io/s3-endpoint: "minio-service.kubeflow:9000", serving.kserve.io/s3-usehttps: "0", serving.kserve.io/s3-region: us-east-2',
      want: { endpoint: 'http://minio-service.kubeflow:9000', region: 'us-east-2' },
    },
    {
      name: 'over TLS, as it is by default',
      annotations: 'serving.kserve.io/s3-endpoint: minio.example.com',
      want: { endpoint: 'https://minio.example.com' },
    },
    {
      name: 'of AWS itself',
      annotations: 'serving.kserve.io/s3-endpoint: s3.amazonaws.com, serving.kserve.io/s3-region: us-east-2',
      want: { region: 'us-east-2' },
    },
  ])('becomes the credentials of a model: $name', ({ annotations, want }) => {
    const outcomes = imported([secret(annotations), account, mnist].join('---\n'));
    expect(specsOf(outcomes)).toMatchObject([
      {
        model: {
          format: 'tensorflow',
          uri: 's3://kfserving-examples/mnist',
          credentials: { secretRef: { name: 'mysecret' } },
          ...want,
        },
      },
    ]);
    expect(outcomes.map(({ result }) => result)).toEqual(['read', 'read', 'converted']);
    expect(remarksOf(outcomes)).toContain('connection');
    expect(remarksOf(outcomes)).not.toContain('account spec.predictor.serviceAccountName');
  });

  it('with a credential of Google, as KServe calls it, is named as it is', () => {
    const values = 'stringData: { gcloud-application-credentials.json: "{}" }';
    const model = mnist.replace('s3://', 'gs://');
    expect(specsOf(imported([secret('', values), account, model].join('---\n')))).toMatchObject([
      { model: { uri: 'gs://kfserving-examples/mnist', credentials: { secretRef: { name: 'mysecret' } } } },
    ]);
  });

  it('in keys of its own is written anew, with the variables of the fetcher', () => {
    const values = 'data: { awsAccessKeyID: bWluaW8=, awsSecretAccessKey: bWluaW8xMjM= }\ntype: Opaque';
    const outcomes = imported([secret('', values), account, mnist].join('---\n'));
    expect(outcomes[0]).toMatchObject({
      result: 'read',
      objects: [
        {
          kind: 'Secret',
          metadata: { name: 'mysecret-aws' },
          stringData: { AWS_ACCESS_KEY_ID: 'minio', AWS_SECRET_ACCESS_KEY: 'minio123' },
        },
      ],
    });
    expect(outcomes[2]?.objects).toMatchObject([
      { spec: { model: { credentials: { secretRef: { name: 'mysecret-aws' } } } } },
    ]);
  });

  it('of a public bucket has the variable that says so', () => {
    const outcomes = imported(
      [secret('serving.kserve.io/s3-useanoncredential: "true"', ''), account, mnist].join('---\n'),
    );
    expect(outcomes[0]?.objects).toMatchObject([{ stringData: { AWS_NO_SIGN_REQUEST: 'true' } }]);
  });

  it('that is not in the input is only spoken of', () => {
    const outcomes = imported([account, mnist].join('---\n'));
    expect(outcomes.map(({ result }) => result)).toEqual(['foreign', 'converted']);
    expect(specsOf(outcomes)).toMatchObject([{ model: { uri: 's3://kfserving-examples/mnist' } }]);
    expect(JSON.stringify(specsOf(outcomes))).not.toContain('credentials');
    expect(remarksOf(outcomes)).toContain('account spec.predictor.serviceAccountName');
  });
});

describe('storage with a key', () => {
  /** As in KServe's sample. */
  const common = `apiVersion: v1
kind: Secret
metadata: { name: storage-config }
stringData:
  localMinIO: |
    { "type": "s3", "access_key_id": "minio", "secret_access_key": "minio123", "endpoint_url": "http://minio-service.kubeflow:9000",
      "bucket": "mlpipeline", "region": "us-south" }
`;

  it('is a path in the bucket of its connection, whose credentials become a Secret for the fetcher', () => {
    const outcomes = imported(
      [common, service('{ sklearn: { storage: { key: localMinIO, path: sklearn } } }')].join('---\n'),
    );
    expect(outcomes[0]).toMatchObject({
      result: 'read',
      objects: [
        {
          metadata: { name: 'storage-config-localminio' },
          stringData: { AWS_ACCESS_KEY_ID: 'minio', AWS_SECRET_ACCESS_KEY: 'minio123' },
        },
      ],
    });
    expect(outcomes[1]?.objects).toMatchObject([
      {
        spec: {
          model: {
            uri: 's3://mlpipeline/sklearn',
            endpoint: 'http://minio-service.kubeflow:9000',
            region: 'us-south',
            credentials: { secretRef: { name: 'storage-config-localminio' } },
          },
        },
      },
    ]);
    expect(remarksOf(outcomes).filter((line) => line.startsWith('credentials'))).toEqual([]);
  });

  it('takes the bucket that the model says before that of the connection', () => {
    const outcomes = imported(
      [
        common,
        service(
          '{ sklearn: { storage: { key: localMinIO, path: sklearn, parameters: { bucket: example-models } } } }',
        ),
      ].join('---\n'),
    );
    expect(outcomes[1]?.objects).toMatchObject([{ spec: { model: { uri: 's3://example-models/sklearn' } } }]);
  });

  it('is a data connection of OpenShift AI, which is named as it is', () => {
    const connection = `apiVersion: v1
kind: Secret
metadata:
  name: aws-connection-models
  namespace: fraud
  labels: { opendatahub.io/dashboard: "true", opendatahub.io/managed: "true" }
  annotations: { opendatahub.io/connection-type: s3, openshift.io/display-name: models }
stringData: { AWS_ACCESS_KEY_ID: a, AWS_SECRET_ACCESS_KEY: b, AWS_DEFAULT_REGION: us, AWS_S3_BUCKET: models, AWS_S3_ENDPOINT: "https://minio.example.com" }
`;
    const outcomes = imported(
      [
        connection,
        service(
          '{ model: { modelFormat: { name: onnx }, storage: { key: aws-connection-models, path: models/fraud } } }',
          '{ name: fraud, namespace: fraud }',
        ),
      ].join('---\n'),
    );
    expect(outcomes[0]).toMatchObject({ result: 'read', objects: [] });
    expect(outcomes[1]?.objects).toMatchObject([
      {
        spec: {
          model: {
            uri: 's3://models/models/fraud',
            endpoint: 'https://minio.example.com',
            region: 'us',
            credentials: { secretRef: { name: 'aws-connection-models' } },
          },
        },
      },
    ]);
  });

  it('without its Secret is refused, and what to add is said', () => {
    expect(imported(service('{ sklearn: { storage: { key: k, path: p } } }'))).toMatchObject([
      {
        result: 'refused',
        remarks: [{ reason: 'storage', detail: expect.stringContaining('add the Secret') }],
      },
    ]);
  });
});

it('a Secret of another namespace is none of a model', () => {
  const elsewhere = secret('').replace('name: mysecret', 'name: mysecret, namespace: other');
  const outcomes = imported(
    [elsewhere, account, mnist.replace('{ name: iris }', '{ name: iris, namespace: demo }')].join('---\n'),
  );
  expect(outcomes[0]?.result).toBe('foreign');
});
