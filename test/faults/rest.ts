import { isDeepStrictEqual } from 'node:util';
import { labels } from '#api/group.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import type { FoundTemplate, KnativeServiceObject } from '#knative/objects.ts';
import { controllerOf, isSubset, keyOf } from '#kube/client/objects.ts';
import { inferenceModelStatus } from '#status/inferencemodel.ts';
import type { Outcome } from '#status/outcome.ts';
import type { Environment } from '#synth/environment.ts';
import { liveScaleAnnotations, liveScaleKeys } from '#synth/scaling.ts';
import { synthesize } from '#synth/synthesize.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import type { Model } from '../support/models.ts';
import type { Ledger } from './ledger.ts';
import { isByHand } from './stranger.ts';
import { serviceUidOf, type World } from './world.ts';

/** One sentence for each thing that is not as it must be once everything has come to rest. */
export function problemsAtRest(world: World, ledger: Ledger, environment: Environment): string[] {
  const { models, services, revisions } = world;
  const keys = new Set(models.map(({ metadata }) => keyOf(metadata)));
  const uids = new Set(models.map(({ metadata }) => metadata.uid));
  const serviceUids = new Set(services.map(({ metadata }) => metadata.uid));
  return [
    ...[...ledger.wanted.keys()].filter((key) => !keys.has(key)).map((key) => `${key} is not there`),
    ...services
      .filter((service) => !uids.has(controllerOf(service)?.uid))
      .map(({ metadata }) => `the Service ${keyOf(metadata)} belongs to no model`),
    ...revisions
      .filter((revision) => !serviceUids.has(serviceUidOf(revision)))
      .map(({ metadata }) => `the revision ${keyOf(metadata)} belongs to no Service`),
    ...models.flatMap((model) =>
      ofModel(model, world, ledger, environment).map((problem) => `${keyOf(model.metadata)}: ${problem}`),
    ),
  ];
}

function ofModel(model: Model, world: World, ledger: Ledger, environment: Environment): string[] {
  const key = keyOf(model.metadata);
  const wanted = ledger.wanted.get(key);
  if (!wanted || wanted.uid !== model.metadata.uid) return ['is not the one that was asked for'];
  const { spec, metadata } = parseInferenceModel(model);
  if (!isDeepStrictEqual(spec, wanted.spec)) return ['asks for something else than it was told to'];

  const service = world.services.find((each) => keyOf(each.metadata) === key);
  const revisions = world.revisions.filter((each) => each.metadata.labels?.[labels.model] === metadata.name);
  const observed = {
    service: service && controllerOf(service)?.uid === wanted.uid ? service : undefined,
    revisions: revisions.filter((each) => each.metadata.namespace === metadata.namespace),
    pods: world.pods.filter(
      (pod) =>
        pod.metadata.namespace === metadata.namespace &&
        pod.metadata.labels?.[labels.model] === metadata.name,
    ),
  };
  const problems: string[] = [];
  let outcome: Outcome;
  try {
    const manifest = synthesize({ metadata, spec }, environment, { template: service?.spec?.template });
    const { name } = manifest.spec.template.metadata;
    outcome = { type: 'applied', revision: name };
    problems.push(...ofService(service, manifest.spec.template, wanted.uid, ledger));
    if (!isSubset(service, manifest)) problems.push('its Service is not what is synthesized');
    const revision = observed.revisions.find((each) => each.metadata.name === name);
    const scales = liveScaleAnnotations(spec);
    if (!revision) problems.push(`has no revision ${name}`);
    else if (liveScaleKeys.some((each) => revision.metadata.annotations?.[each] !== scales[each]))
      problems.push(`the bounds of scale of ${name} are not those of the model`);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    outcome = { type: 'refused', reason: 'NotAllowedByCluster', message: error.message };
    // What somebody wrote by hand stays, as long as there is nothing to put in its place.
    if (service && !isByHand(service.spec?.template?.spec))
      problems.push(...ofService(service, service.spec?.template, wanted.uid, ledger));
  }
  for (const revision of observed.revisions)
    if (!isByHand(revision.spec) && !ledger.asked(wanted.uid, revision.metadata.name))
      problems.push(`has the revision ${revision.metadata.name}, which it never asked for`);

  const { generation = 0 } = metadata;
  const { status: before } = model;
  const conditions = before?.conditions ?? [];
  const now = conditions[0]?.lastTransitionTime ?? '';
  const { status } = inferenceModelStatus({
    generation,
    before,
    observed,
    outcome,
    now: Date.parse(now) || 0,
  });
  if (before?.observedGeneration !== generation) problems.push('its status is of an earlier generation');
  if (
    conditions.find(({ type }) => type === 'Accepted')?.status !==
    (outcome.type === 'applied' ? 'True' : 'False')
  )
    problems.push('its status does not say whether it is accepted');
  if (!isDeepStrictEqual(status, before))
    problems.push(`its status is not what was observed: ${difference(status, before)}`);
  return problems;
}

function ofService(
  service: KnativeServiceObject | undefined,
  template: FoundTemplate | undefined,
  uid: string,
  ledger: Ledger,
): string[] {
  if (!service) return ['has no Service'];
  const problems: string[] = [];
  if (controllerOf(service)?.uid !== uid) problems.push('its Service is of another model');
  if (service.status?.observedGeneration !== service.metadata.generation)
    problems.push('Knative has not acted on its Service');
  const asked = ledger.asked(uid, template?.metadata?.name ?? '');
  if (!asked) problems.push(`has the template ${template?.metadata?.name}, which it never asked for`);
  else if (!isDeepStrictEqual(withoutBounds(template), withoutBounds(asked)))
    problems.push(`its template ${asked.metadata.name} is not what was asked for`);
  return problems;
}

/** Bounds of scale are no part of a revision's name: those of its template are the ones that it was made with. */
function withoutBounds<T extends FoundTemplate>(template: T | undefined): unknown {
  const annotations = Object.entries(template?.metadata?.annotations ?? {}).filter(
    ([key]) => !liveScaleKeys.some((bound) => bound === key),
  );
  const metadata = { ...template?.metadata, annotations: Object.fromEntries(annotations) };
  // Through JSON, as the API server has it: without what is undefined.
  return JSON.parse(JSON.stringify({ ...template, metadata }));
}

/** The first fields in which two objects differ. */
function difference(wanted: object, found: object | undefined): string {
  const differing = Object.entries(wanted).filter(
    ([key, value]) => !isDeepStrictEqual(value, (found as Record<string, unknown> | undefined)?.[key]),
  );
  return differing
    .map(([key, value]) => {
      const is = (found as Record<string, unknown> | undefined)?.[key];
      return `${key} is ${JSON.stringify(is)}, not ${JSON.stringify(value)}`;
    })
    .join(' and ');
}
