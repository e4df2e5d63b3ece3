import * as z from 'zod';
import { apiVersion, inferenceModels } from '#api/group.ts';
import type { PodSettings } from '#api/v1alpha1/pod.ts';
import { visibilityLabel } from '#knative/names.ts';
import { mergeLayers } from '#synth/merge.ts';
import { compact } from './compact.ts';
import type { ImportContext } from './context.ts';
import { kserveChoice } from './kserve-runtimes.ts';
import { readGuards, readMetadata } from './metadata.ts';
import { readPod, readQueueProxy } from './pod.ts';
import { containersOf, convertContainer } from './predictor-container.ts';
import { convertModel, findModel, readRequest } from './predictor-model.ts';
import { NotConvertibleError } from './reasons.ts';
import { annotationsOf, readScale, readTimeouts } from './scaling.ts';
import { type KserveRuntime, runtimeName } from './serving-runtime.ts';
import { Source } from './source.ts';
import { readConnection } from './storage.ts';

/**
 * An InferenceService of KServe as an InferenceModel, and where its own container wants a model, an InferenceRuntime
 * before it.
 * @throws NotConvertibleError for one that is more than a server
 */
export function convertInferenceService(from: Source, context: ImportContext): object[] {
  const spec = componentsOf(from);
  const predictor = spec.at('predictor');
  for (const [source, reason] of [
    [spec.at('transformer'), 'transformer'],
    [predictor.at('workerSpec'), 'multi-node'],
  ] as const)
    if (source.exists) throw new NotConvertibleError(source.path, reason);
  spec.at('explainer').settle('explainer');
  from.at('status').settle('by-cluster');
  readMode(from);
  const namespace = from.at('metadata', 'namespace').text;
  const server = findModel(predictor);
  const request = server && readRequest(predictor, server, namespace);
  const chosen = request && kserveChoice(request, context.runtimes);
  const annotation = annotationsOf(
    predictor.at('annotations'),
    from.at('metadata', 'annotations'),
    new Source(chosen?.annotations),
  );
  const common = compact({
    scale: readScale(predictor, annotation),
    timeouts: readTimeouts(predictor, annotation),
    access: { visibility: readVisibility(from, predictor, chosen, context) },
  });
  const connection = readConnection(from, predictor, server, context.connections);
  readUnmatched(predictor);
  const labels = from.at('metadata', 'labels').texts();
  const annotations = from.at('metadata', 'annotations').texts();
  const accelerator = readAccelerator(from);
  const queueProxy = readQueueProxy(from.at('metadata', 'annotations'));
  const { name = '', pod: metadata, ...carried } = readMetadata(from.at('metadata'));
  const layers = [
    accelerator,
    queueProxy && { queueProxy: { resources: queueProxy } },
    metadata,
    readPod(predictor),
  ];
  const model =
    server && request
      ? convertModel(
          { predictor, server, connection },
          request,
          chosen,
          { name, namespace, labels, annotations },
          context,
        )
      : undefined;
  const [other] = model ? containersOf(predictor) : [];
  if (other) throw new NotConvertibleError(other.path, 'containers');
  const { spec: own, runtime } = model
    ? { spec: model, runtime: undefined }
    : convertContainer(predictor, runtimeName(name, namespace), connection);
  const pod = mergeLayers<PodSettings>(
    [own.pod, ...layers].map((value) => ({ source: name, value: value as PodSettings | undefined })),
  );
  const { labels: ownLabels, annotations: ownAnnotations } = carried;
  return [
    ...(runtime ? [runtime] : []),
    {
      apiVersion,
      kind: inferenceModels.kind,
      metadata: { name, ...compact({ namespace, labels: ownLabels, annotations: ownAnnotations }) },
      spec: { ...own, ...common, ...compact({ pod }) },
    },
  ];
}

/** KServe makes a node selector of it (pkg/webhook/admission/pod/accelerator_injector.go). */
function readAccelerator(from: Source): PodSettings | undefined {
  const name = from.at('metadata', 'annotations', 'serving.kserve.io/gke-accelerator').read(z.string());
  return name === undefined ? undefined : { nodeSelector: { 'cloud.google.com/gke-accelerator': name } };
}

/** The components of an InferenceService. KServe's former v1alpha2 has them below `default`, and a canary beside it. */
function componentsOf(from: Source): Source {
  const spec = from.at('spec');
  if (!spec.at('default').exists) return spec;
  spec.at('canary').settle('rollout');
  if (!spec.at('canaryTrafficPercent').takeIf(0)) spec.at('canaryTrafficPercent').settle('rollout');
  return spec.at('default');
}

/** How KServe would run it. */
function readMode(from: Source): void {
  const annotation = (name: string) => from.at('metadata', 'annotations', `serving.kserve.io/${name}`);
  const mode = annotation('deploymentMode');
  if (mode.is('ModelMesh')) throw new NotConvertibleError(mode.path, 'multi-model');
  if (!mode.takeIf('Serverless', 'Knative')) mode.settle('raw-deployment');
  annotation('autoscalerClass').settle('autoscaler');
  if (!annotation('stop').takeIf('false')) annotation('stop').settle('stopped');
}

/** KServe makes a model public, unless a label forbids it. What a platform guards is not opened to all. */
function readVisibility(
  from: Source,
  predictor: Source,
  runtime: KserveRuntime | undefined,
  { guarded }: ImportContext,
): 'ClusterLocal' | 'Public' {
  const labels = [visibilityLabel, 'networking.kserve.io/visibility'].map((key) =>
    from.at('metadata', 'labels', key),
  );
  const places = [from.at('metadata'), predictor];
  const isGuarded = readGuards(...places.flatMap((place) => [place.at('labels'), place.at('annotations')]));
  if (runtime?.isGuarded) from.note('access', `by its runtime ${runtime.metadata.name}`);
  const namespace = from.at('metadata', 'namespace').text;
  const isInGuarded = guarded.has(namespace) || (guarded.size > 0 && namespace === undefined);
  if (isInGuarded) from.note('access', 'by a policy in the input');
  const isLabelled = labels.filter((label) => label.takeIf('cluster-local')).length > 0;
  const isLocal = isLabelled || isGuarded || isInGuarded || runtime?.isGuarded === true;
  if (!isLocal) from.at('metadata', 'labels').note('default', 'access.visibility: Public');
  return isLocal ? 'ClusterLocal' : 'Public';
}

/** What predictors have and models do not. */
function readUnmatched(predictor: Source): void {
  for (const name of ['logger', 'batcher']) predictor.at(name).settle('agent');
  // Knative takes the new name of the field alone.
  predictor.at('serviceAccount').settle('ignored');
  predictor.at('deploymentStrategy').settle('raw-deployment');
  const canary = predictor.at('canaryTrafficPercent');
  if (!canary.takeIf(100)) canary.settle('rollout');
}
