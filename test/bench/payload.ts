import type { InferenceModelSpecInput } from '#api/v1alpha1/spec.ts';
import { serviceResource } from '#knative/objects.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';
import { modelResource } from '#operator/resources.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { manifest, model } from '../support/models.ts';

const container = { image: 'dev.local/iris:1', resources: { requests: { cpu: '100m', memory: '256Mi' } } };

/** One small model, in the image of its server: what all sides serve. */
export const spec: InferenceModelSpecInput = {
  container: { image: container.image },
  resources: container.resources,
  access: { visibility: 'Public' },
};

const cluster = environment();

const nameOf = (index: number): string => `model-${index}`;

export const inferenceModel = (namespace: string, index: number): KubernetesObject =>
  manifest(spec, { name: nameOf(index), namespace });

/** What the operator makes of it. */
export const knativeService = (namespace: string, index: number): KubernetesObject =>
  synthesize(model(spec, { name: nameOf(index), namespace }), cluster) as KubernetesObject;

/** The same for KServe: a predictor with a container of one's own, asleep without requests. */
export const inferenceService = (namespace: string, index: number): KubernetesObject => ({
  apiVersion: 'serving.kserve.io/v1beta1',
  kind: 'InferenceService',
  metadata: { name: nameOf(index), namespace },
  ...{ spec: { predictor: { minReplicas: 0, containers: [{ name: 'kserve-container', ...container }] } } },
});

export const inferenceServiceResource: GroupVersionResource = {
  group: 'serving.kserve.io',
  version: 'v1beta1',
  plural: 'inferenceservices',
  namespaced: true,
};

/** What can be created, and how. */
export const payloads = {
  services: { resource: serviceResource, make: knativeService },
  models: { resource: modelResource, make: inferenceModel },
  kserve: { resource: inferenceServiceResource, make: inferenceService },
} as const;

export type Payload = keyof typeof payloads;
