import { apiVersion } from '#api/group.ts';
import { ProblemsError } from '#base/problems.ts';
import { keyOf } from '#kube/client/objects.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { diffModel, goneModel, type ModelDiff, refusedModel } from '#plan/model-diff.ts';
import { exitCodeOf, jsonReport } from '#plan/report.ts';
import { type Paint, textReport } from '#plan/text.ts';
import { PlainError } from '../action.ts';
import { type Baseline, hasModelsAlone, withServices } from '../cluster/baseline.ts';
import { type Environments, environmentsOf } from '../cluster/environments.ts';
import { liveModelOf, serviceHolder } from '../cluster/live-model.ts';
import type { ClusterState } from '../cluster/state.ts';
import { type InputObject, inNamespace, namespacesOf, readInput, withInput } from '../input/input.ts';
import type { Log } from '../terminal/terminal.ts';

export interface DiffOptions {
  readonly files: readonly string[];
  /** Of models that name none. */
  readonly namespace?: string | undefined;
  readonly baseline: Baseline;
  /** Settings of the operator, if not those of its Deployment. */
  readonly operatorSettings?: OperatorSettings | undefined;
  /** Whether models that are in no file count as taken away; of the namespaces that the files speak of. */
  readonly prune?: boolean | undefined;
  readonly output?: 'text' | 'json';
}

export interface DiffResult {
  readonly text: string;
  /** As that of `kubectl diff`: 0 where nothing differs, 1 where something does, 2 where something is refused. */
  readonly code: 0 | 1 | 2;
}

/**
 * What applying the InferenceModels in some files would do where they are held baseline.
 * @throws PlainError where something cannot be read
 */
export async function diff(options: DiffOptions, log: Log, paint: Paint): Promise<DiffResult> {
  const { files, baseline, operatorSettings, output = 'text' } = options;
  const standard = options.namespace ?? baseline.namespace;
  const input = inNamespace(await readInput(files, log), standard);
  if (!input.some(({ type }) => type === 'model' || type === 'refused'))
    throw new PlainError(`no InferenceModel of ${apiVersion} in ${files.join(', ')}`);
  const found = await baseline.read(namespacesOf(input));
  const known = environmentsOf(found, operatorSettings, log);
  const state = settled(found, baseline, known, log);
  const chosen = withInput(known(undefined), input);
  const environmentOf: Environments = (namespace) => ({ ...known(namespace), ...chosen });
  const diffs = diffAll(input, state, environmentOf, { ...options, namespace: standard });
  const text =
    output === 'json' ? `${JSON.stringify(jsonReport(diffs), undefined, 2)}\n` : textReport(diffs, paint);
  return { text, code: exitCodeOf(diffs) };
}

/** Where a file has models and none of their Services, as in another commit, they stand for what they become. */
function settled(
  state: ClusterState,
  baseline: Baseline,
  environmentOf: Environments,
  log: Log,
): ClusterState {
  if (baseline.cluster || !hasModelsAlone(state)) return state;
  log(
    `${baseline.where}: has no Knative Services; its models are taken for what the controller makes of them`,
  );
  return withServices(state, environmentOf);
}

function diffAll(
  input: readonly InputObject[],
  state: ClusterState,
  environmentOf: Environments,
  { namespace, prune = false }: DiffOptions,
): ModelDiff[] {
  const diffs = input.flatMap((object) => diffObject(object, state, environmentOf, namespace));
  return prune ? [...diffs, ...gone(input, diffs, state, environmentOf)] : diffs;
}

function diffObject(
  object: InputObject,
  state: ClusterState,
  environmentOf: Environments,
  namespace: string | undefined,
): ModelDiff[] {
  if (object.type === 'refused')
    return [
      refusedModel(
        { ...(namespace !== undefined && { namespace }), ...nameOf(object.value) },
        object.problems.map((problem) => `${object.where}: ${problem}`),
      ),
    ];
  if (object.type !== 'model') return [];
  try {
    const environment = environmentOf(object.model.metadata.namespace);
    return [diffModel(object.model, environment, liveModelOf(object.model, state))];
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return [refusedModel(object.model.metadata, error.problems)];
  }
}

/** Of an object that has not been checked. */
function nameOf(value: unknown): { readonly name: string; readonly namespace?: string } {
  const { metadata } = (value ?? {}) as { readonly metadata?: Readonly<Record<string, unknown>> | null };
  const { name, namespace } = metadata ?? {};
  return {
    name: typeof name === 'string' ? name : 'a model without a name',
    ...(typeof namespace === 'string' && { namespace }),
  };
}

/** What runs of models in the same namespaces that no file has. */
function gone(
  input: readonly InputObject[],
  diffs: readonly ModelDiff[],
  state: ClusterState,
  environmentOf: Environments,
): ModelDiff[] {
  const namespaces = namespacesOf(input);
  const kept = new Set(diffs.map(({ name, namespace }) => keyOf({ name, ...(namespace && { namespace }) })));
  return [...state.services.values()]
    .filter((service) => serviceHolder(service, state.models.get(keyOf(service.metadata))) === 'ours')
    .map(({ metadata }) => metadata)
    .filter((metadata) => namespaces.includes(metadata.namespace ?? '') && !kept.has(keyOf(metadata)))
    .map(({ name, namespace }) => {
      const metadata = { name, ...(namespace !== undefined && { namespace }) };
      return goneModel(metadata, environmentOf(namespace), liveModelOf({ metadata }, state));
    });
}
