import { annotations } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { ProblemsError } from '#base/problems.ts';
import { visibilityLabel } from '#knative/names.ts';
import type { FoundTemplate } from '#knative/objects.ts';
import type { Environment } from '#synth/environment.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';
import { liveScaleKeys } from '#synth/scaling.ts';
import { synthesize } from '#synth/synthesize.ts';
import { type Change, changesOf } from './changes.ts';
import type { LiveModel } from './live-model.ts';

/** What differs between two templates; their names and intents follow from it. */
export function templateChanges(before: FoundTemplate, after: FoundTemplate): Change[] {
  const compared = ({ metadata, spec }: FoundTemplate) => {
    const { [annotations.intent]: _, ...rest } = metadata?.annotations ?? {};
    return { metadata: { labels: metadata?.labels ?? {}, annotations: rest }, spec };
  };
  return changesOf(compared(before), compared(after));
}

/** Labels that are ours; others have put their own beside them. */
export function labelChanges({ metadata: { labels } }: KnativeServiceManifest, current: LiveModel): Change[] {
  return [...new Set([...Object.keys(labels), visibilityLabel])]
    .filter((key) => labels[key] !== current.labels?.[key])
    .map((key) => ({
      path: `metadata.labels[${key}]`,
      before: current.labels?.[key],
      after: labels[key],
    }));
}

/** What today's synthesis would bring to a template that is held. Bounds of scale reach it by themselves. */
export function refreshChanges(
  model: InferenceModel,
  environment: Environment,
  live: FoundTemplate,
): Change[] {
  try {
    const { template } = synthesize(model, environment).spec;
    return templateChanges(live, template).filter(
      ({ path }) => !liveScaleKeys.some((key) => path.endsWith(`[${key}]`)),
    );
  } catch (error) {
    if (error instanceof ProblemsError) return [];
    throw error;
  }
}
