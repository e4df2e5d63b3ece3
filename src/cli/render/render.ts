import { apiVersion } from '#api/group.ts';
import type { InferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { ProblemsError } from '#base/problems.ts';
import { knativeNamespace } from '#knative/names.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { annotationsOf, boundsChanges } from '#plan/bounds.ts';
import { warningsOf } from '#synth/checks.ts';
import type { Environment } from '#synth/environment.ts';
import { droppedMetadata, explain } from '#synth/explain.ts';
import type { KnativeServiceManifest } from '#synth/knative-service.ts';
import { synthesize } from '#synth/synthesize.ts';
import { PlainError, UnreachableError } from '../action.ts';
import { asShipped, type Baseline } from '../cluster/baseline.ts';
import { environmentsOf } from '../cluster/environments.ts';
import { liveModelOf } from '../cluster/live-model.ts';
import type { ClusterState } from '../cluster/state.ts';
import { type Format, saveCommand } from '../flags.ts';
import { inNamespace, namespacesOf, readInput, withInput } from '../input/input.ts';
import { printedAll } from '../terminal/output.ts';
import type { Log } from '../terminal/terminal.ts';

export interface RenderOptions {
  readonly files: readonly string[];
  /** Of models that name none. */
  readonly namespace?: string | undefined;
  /** What becomes of objects that are not ours; `keep` if left out. */
  readonly others?: 'keep' | 'drop';
  /** Says of each value whose it is: of the runtime, the profile or the model. */
  readonly explain?: boolean | undefined;
  /** A YAML stream, if left out, or one List. */
  readonly output?: Format;
  /** What runs already, and for what it is made. */
  readonly baseline: Baseline;
  /** Settings of the operator, if not those of its Deployment. */
  readonly operatorSettings?: OperatorSettings | undefined;
}

/**
 * The input with a Knative Service in the place of each InferenceModel: what the controller would make of it, on the
 * cluster to render baseline, or on one with Knative as shipped where nothing of it runs yet. InferenceRuntimes of the
 * input are used, and are no part of the output.
 * @throws PlainError with a sentence for each part of a model that is wrong; UnreachableError where that cluster is none.
 *   Then nothing is rendered
 */
export async function render(options: RenderOptions, log: Log): Promise<string> {
  const { files, baseline, others = 'keep', output = 'yaml', operatorSettings } = options;
  const input = inNamespace(await readInput(files, log), options.namespace ?? baseline.namespace);
  const kept = input
    .filter((object) => object.type !== 'runtime' && object.type !== 'profile')
    .filter((object) => object.type !== 'other' || others === 'keep');
  if (kept.length === 0) throw new PlainError(`no InferenceModel of ${apiVersion} in ${files.join(', ')}`);
  const state = await baseline.read(namespacesOf(input));
  // As after a `kubectl get` that failed: taken for a cluster, it would have every model restart.
  if (baseline !== asShipped && !baseline.cluster && state.settings.length === 0)
    throw new UnreachableError(
      `${baseline.where}: has no ConfigMap of ${knativeNamespace}, so is no saved cluster: save one with ${saveCommand} (without the CRDs of Dormouse, leave out imodel,iruntime)`,
    );
  const known = environmentsOf(state, operatorSettings, log);
  const chosen = withInput(known(undefined), input);
  const problems: string[] = [];
  const held: string[] = [];
  const manifests = kept.flatMap((object): object[] => {
    if (object.type === 'other') return [object.value];
    try {
      if (object.type !== 'model') throw new ProblemsError(object.problems);
      const { manifest, isHeld, notes } = renderModel(
        object.model,
        { ...known(object.model.metadata.namespace), ...chosen },
        state,
        options.explain,
      );
      if (isHeld) held.push(manifest.spec.template.metadata.name);
      for (const line of notes) log(`${object.where}: ${line}`);
      return [manifest];
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems.map((problem) => `${object.where}: ${problem}`));
      return [];
    }
  });
  if (problems.length > 0) throw new PlainError(problems.join('\n'));
  log(
    baseline === asShipped
      ? `rendered for ${baseline.where}: revisions that run are not held, and no defaults of a cluster are known (see --against)`
      : `rendered for ${baseline.where}: ${held.length > 0 ? `held as they run: ${held.join(', ')}` : 'it runs none of these models yet as they are now'}`,
  );
  return printedAll(manifests, output);
}

interface RenderedModel {
  readonly manifest: KnativeServiceManifest;
  /** Whether its live revision stays. */
  readonly isHeld: boolean;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

function renderModel(
  model: InferenceModel,
  environment: Environment,
  state: ClusterState,
  isExplained = false,
): RenderedModel {
  const current = liveModelOf(model, state);
  const { uid, template } = current;
  const metadata = { ...model.metadata, ...(uid !== undefined && { uid }) };
  const annotations = annotationsOf(template?.metadata?.name, current);
  const manifest = synthesize({ ...model, metadata }, environment, { template, annotations });
  const { name } = manifest.spec.template.metadata;
  const isHeld = name === template?.metadata?.name;
  // The controller writes them onto the Revision, which is in no file.
  const unreached = uid === undefined ? boundsChanges(model.spec, name, current) : [];
  const notes = [
    ...warningsOf(model),
    ...(isExplained ? explain(model, environment) : droppedMetadata(model)),
  ];
  if (unreached.length === 0) return { manifest, isHeld, notes };
  const words = unreached.map(({ path, after }) => (after === undefined ? `${path}-` : `${path}=${after}`));
  const where = model.metadata.namespace ? ` -n ${model.metadata.namespace}` : '';
  const command = `kubectl annotate --overwrite revision ${name}${where} ${words.join(' ')}`;
  return {
    manifest,
    isHeld,
    notes: [
      ...notes,
      `spec.scale: no controller brings the new bounds to a revision that exists: do it with ${command}`,
    ],
  };
}
