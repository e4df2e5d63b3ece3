import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { apiVersion, inferenceModels, inferenceProfiles } from '#api/group.ts';
import type { InferenceProfileSpecInput } from '#api/v1alpha1/profile.ts';
import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { hardware } from './hardware.ts';

/** What a sample is made of: a model, and what must be there before it. */
export interface SampleObjects {
  /** What is to know before it is applied, in lines. */
  readonly notes?: readonly string[];
  readonly model: InferenceModelSpecInput;
  readonly profile?: { readonly name: string; readonly spec: InferenceProfileSpecInput };
  readonly secret?: { readonly name: string; readonly stringData: Readonly<Record<string, string>> };
}

/** A model to try, as one file. */
export class Sample extends Chart {
  constructor(scope: Construct, name: string, { model, profile, secret }: SampleObjects) {
    super(scope, name, { disableResourceNameHashes: true });
    const add = (id: string, object: object) => new ApiObject(this, id, object as never);
    if (secret)
      add('secret', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secret.name },
        stringData: secret.stringData,
      });
    if (profile)
      add('profile', {
        apiVersion,
        kind: inferenceProfiles.kind,
        metadata: { name: profile.name },
        spec: profile.spec,
      });
    add('model', { apiVersion, kind: inferenceModels.kind, metadata: { name }, spec: model });
  }
}

/** MLServer with a scikit-learn classifier of the iris data set; the image is made by the local cluster. */
export const iris: InferenceModelSpecInput = {
  container: { image: 'dev.local/dormouse-iris:1', protocol: 'v2' },
  resources: { requests: { cpu: '100m', memory: '256Mi' } },
  access: { visibility: 'Public' },
};

/** The samples, by the names of their models. */
export const samples: Readonly<Record<string, SampleObjects>> = {
  iris: { model: iris },
  // A public image that answers every request.
  'own-container': {
    model: {
      container: {
        image: 'gcr.io/knative-samples/helloworld-go',
        env: [{ name: 'TARGET', value: 'Dormouse' }],
        readiness: { tcp: {}, period: '1s' },
        securityContext: { runAsUser: 65532 },
      },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      scale: { maxReplicas: 3, target: { concurrency: 10 } },
    },
  },
  ...hardware,
  'node-pool': {
    profile: {
      name: 'node-pool',
      spec: {
        description: 'Nodes that are kept for models.',
        resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } },
        pod: {
          nodeSelector: { 'example.com/pool': 'models' },
          tolerations: [
            { key: 'example.com/pool', operator: 'Equal', value: 'models', effect: 'NoSchedule' },
          ],
        },
      },
    },
    model: {
      model: {
        format: 'sklearn',
        uri: 'https://storage.googleapis.com/kfserving-examples/models/sklearn/1.0/model/model.joblib',
      },
      profile: 'node-pool',
    },
  },
  'private-bucket': {
    notes: ['Replace the keys, the endpoint and the bucket by yours.'],
    secret: {
      name: 'bucket-reader',
      stringData: { AWS_ACCESS_KEY_ID: 'replace-me', AWS_SECRET_ACCESS_KEY: 'replace-me' },
    },
    model: {
      model: {
        format: 'sklearn',
        uri: 's3://models/iris/v3',
        endpoint: 'https://minio.example.com:9000',
        region: 'us-east-1',
        maxSize: '100Mi',
        credentials: { secretRef: { name: 'bucket-reader' } },
      },
    },
  },
};
