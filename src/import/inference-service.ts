import { apiVersion, inferenceModels } from '#api/group.ts';
import { objectName } from '#api/schema/scalars.ts';
import { visibilityLabel } from '#knative/names.ts';
import { compact } from './compact.ts';
import type { ImportContext } from './context.ts';
import { kserveChoice } from './kserve-runtimes.ts';
import { readGuards, readMetadata, settlePodMetadata } from './metadata.ts';
import { containersOf, convertContainer } from './predictor-container.ts';
import { convertModel, findModel, readRequest } from './predictor-model.ts';
import { NotConvertibleError } from './reasons.ts';
import { annotationsOf, readScale, readTimeouts } from './scaling.ts';
import { type KserveRuntime, readSecrets, runtimeName } from './serving-runtime.ts';
import { Source } from './source.ts';

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
    access: { visibility: readVisibility(from, predictor, chosen) },
  });
  const serviceAccountName = readAccount(predictor);
  readUnmatched(predictor);
  const labels = from.at('metadata', 'labels').texts();
  const annotations = from.at('metadata', 'annotations').texts();
  const { name = '', namespace: _, ...carried } = readMetadata(from.at('metadata'));
  const made = (kind: object, runtimes: readonly object[] = []) => [
    ...runtimes,
    {
      apiVersion,
      kind: inferenceModels.kind,
      metadata: { name, ...compact({ namespace, ...carried }) },
      spec: { ...kind, ...common },
    },
  ];
  const podOf = (imagePullSecrets: readonly { readonly name: string }[]) => ({
    pod: compact({ serviceAccountName, imagePullSecrets }),
  });
  const pulling = readSecrets(predictor.at('imagePullSecrets'));
  if (!server || !request) {
    const { spec, runtime } = convertContainer(predictor, runtimeName(name, namespace));
    return made({ ...spec, ...compact(podOf(pulling)) }, runtime ? [runtime] : []);
  }
  const [other] = containersOf(predictor);
  if (other) throw new NotConvertibleError(other.path, 'containers');
  const model = convertModel(
    { predictor, server },
    request,
    chosen,
    { name, namespace, labels, annotations },
    context,
  );
  const secrets = [...(model.pod?.imagePullSecrets ?? []), ...pulling];
  return made(compact({ ...model, ...podOf(unique(secrets)) }));
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
  annotation('storageSecretName').settle('credentials');
  if (!annotation('stop').takeIf('false')) annotation('stop').settle('stopped');
}

/** KServe makes a model public, unless a label forbids it. What a platform guards is not opened to all. */
function readVisibility(
  from: Source,
  predictor: Source,
  runtime: KserveRuntime | undefined,
): 'ClusterLocal' | 'Public' {
  const labels = [visibilityLabel, 'networking.kserve.io/visibility'].map((key) =>
    from.at('metadata', 'labels', key),
  );
  const places = [from.at('metadata'), predictor];
  const isGuarded = readGuards(...places.flatMap((place) => [place.at('labels'), place.at('annotations')]));
  if (runtime?.isGuarded) from.note('access', `by its runtime ${runtime.metadata.name}`);
  const isLabelled = labels.filter((label) => label.takeIf('cluster-local')).length > 0;
  const isLocal = isLabelled || isGuarded || runtime?.isGuarded === true;
  if (!isLocal) from.at('metadata', 'labels').note('default', 'access.visibility: Public');
  return isLocal ? 'ClusterLocal' : 'Public';
}

function readAccount(predictor: Source): string | undefined {
  // Knative takes the new name of the field alone.
  predictor.at('serviceAccount').settle('ignored');
  const account = predictor.at('serviceAccountName');
  if (account.exists) account.note('account');
  return account.read(objectName);
}

/** What predictors have and models do not. */
function readUnmatched(predictor: Source): void {
  for (const name of ['logger', 'batcher']) predictor.at(name).settle('agent');
  for (const map of ['labels', 'annotations']) settlePodMetadata(predictor.at(map));
  predictor.at('deploymentStrategy').settle('raw-deployment');
  const canary = predictor.at('canaryTrafficPercent');
  if (!canary.takeIf(100)) canary.settle('rollout');
  predictor.at('automountServiceAccountToken').takeIf(true);
}

const unique = <T extends { readonly name: string }>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [item.name, item])).values(),
];
