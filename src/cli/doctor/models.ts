import { inferenceModels } from '#api/group.ts';
import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { type FlaggedField, podFields } from '#api/v1alpha1/pod-fields.ts';
import type { InferenceRuntime } from '#api/v1alpha1/runtime.ts';
import { ProblemsError } from '#base/problems.ts';
import { type Capabilities, hasField, isOn } from '#knative/capabilities.ts';
import { capabilitiesFrom } from '#knative/settings.ts';
import type { OperatorSettings } from '#operator/reconciler.ts';
import { profilesOf, runtimesOf } from '#operator/runtimes.ts';
import { chooseDelivery, type DeliveryName } from '#synth/pod/delivery.ts';
import { flagRefusals } from '#synth/pod/flags.ts';
import { synthesize } from '#synth/synthesize.ts';
import { UnsupportedError } from '#synth/unsupported.ts';
import { installedOperator, settingsFor } from '../cluster/installed-operator.ts';
import type { SourceDocument } from '../input/documents.ts';
import { type Demands, demandsOf } from './demands.ts';
import { placementOf } from './placement.ts';
import { type Snapshot, valueIn } from './snapshot.ts';
import type { Surroundings } from './surroundings.ts';
import { hidden, ok, problem, type Verdict, warning } from './verdict.ts';

/** What the cluster allows, as its settings say. */
export const capabilitiesIn = ({ settings }: Snapshot): Capabilities =>
  capabilitiesFrom(valueIn(settings) ?? []);

/** Whether each runtime can be given a model here, by the flags of Knative. */
export function runtimeChecks(snapshot: Snapshot, builtIn: readonly InferenceRuntime[]): Verdict[] {
  const topic = 'Runtimes';
  if (snapshot.settings.state !== 'found') return [hidden(topic, snapshot.settings)];
  const installed = runtimesOf(valueIn(snapshot.runtimes) ?? []);
  const none =
    snapshot.runtimes.state === 'found' && installed.length === 0
      ? [
          warning(
            topic,
            'none is installed',
            'set runtimes.install of the Helm chart, or "kubectl apply" runtimes.yaml in the manifests',
          ),
        ]
      : [];
  const runtimes = installed.length > 0 ? installed : builtIn;
  const ways = new Map<DeliveryName, number>();
  const refused: Verdict[] = [];
  for (const runtime of runtimes) {
    const [format] = runtime.spec.formats;
    const spec = { model: { format: format?.name ?? '', uri: 's3://bucket/model' } };
    const found = attempt(`Runtime ${runtime.name}`, () =>
      chooseDelivery(spec, runtime, capabilitiesIn(snapshot)),
    );
    if (typeof found === 'string') ways.set(found, (ways.get(found) ?? 0) + 1);
    else refused.push(...found);
  }
  const words = [...ways].map(([way, count]) => `${count} get their models by ${way}`).join(', ');
  return [...none, ...refused, ...(words ? [ok(topic, words)] : [])];
}

/** Which fields of pods models may use here, by the flags of Knative, and which profiles and runtimes use others. */
export function flagChecks(snapshot: Snapshot, builtIn: readonly InferenceRuntime[]): Verdict[] {
  if (snapshot.settings.state !== 'found') return [];
  const capabilities = capabilitiesIn(snapshot);
  const installed = runtimesOf(valueIn(snapshot.runtimes) ?? []);
  const shared = [
    ...profilesOf(valueIn(snapshot.profiles) ?? []).map(({ name, spec: { pod } }) => ({
      topic: `Profile ${name}`,
      pod,
    })),
    ...(installed.length > 0 ? installed : builtIn).map(({ name, spec: { pod, container } }) => ({
      topic: `Runtime ${name}`,
      pod,
      container,
    })),
  ];
  const refused = shared.flatMap(({ topic, ...parts }) =>
    flagRefusals(parts, capabilities, (path) => `spec.${path}`).map(
      ({ problem: message, settings = [] }) => ({
        ...problem(topic, message),
        settings,
      }),
    ),
  );
  const off = Object.entries<FlaggedField>(podFields)
    .filter(([, field]) => !hasField(capabilities, field) || !isOn(capabilities, field))
    .map(([name]) => name);
  const message =
    off.length === 0 ? 'all are allowed' : `refused until their flags of Knative are on: ${off.join(', ')}`;
  return [...refused, ok('Pod fields', message)];
}

/** The InferenceModels of some files; everything else in them is not ours to judge. */
export const modelsAmong = (documents: readonly SourceDocument[]): SourceDocument[] =>
  documents.filter(({ value }) => (value as { kind?: unknown } | null)?.kind === inferenceModels.kind);

/** A model of the files: the Knative Service that it becomes, or why it becomes none. */
export interface JudgedModel {
  readonly topic: string;
  readonly verdicts: readonly Verdict[];
  /** What its pods need; unset where it is refused. */
  readonly demands?: Demands;
}

/** The models of some files, each as the operator would decide. */
export function judgeModels(
  snapshot: Snapshot,
  builtIn: readonly InferenceRuntime[],
  documents: readonly SourceDocument[],
  operatorSettings?: OperatorSettings,
): JudgedModel[] {
  const installed = runtimesOf(valueIn(snapshot.runtimes) ?? []);
  const cluster = {
    capabilities: capabilitiesIn(snapshot),
    runtimes: installed.length > 0 ? installed : builtIn,
    profiles: profilesOf(valueIn(snapshot.profiles) ?? []),
  };
  const operators = (valueIn(snapshot.operators) ?? []).map(installedOperator);
  return documents.map(({ where, value }) => {
    const name = (value as { metadata?: { name?: unknown } } | null)?.metadata?.name;
    const topic = `Model ${typeof name === 'string' ? name : where}`;
    const found = attempt(topic, () => {
      const model = parseInferenceModel(value);
      const { namespace = snapshot.namespace } = model.metadata;
      const environment = { ...cluster, ...(operatorSettings ?? settingsFor(operators, namespace)) };
      return demandsOf(synthesize(model, environment), namespace);
    });
    return Array.isArray(found) ? { topic, verdicts: found } : { topic, verdicts: [], demands: found };
  });
}

/** What no look at a cluster can tell. */
const beyond = 'whether its image can be pulled and its model fetched';

/**
 * Whether this cluster can run a model. It is said to only where everything was looked at that is known to be in the way
 * of pods; else what was not is named.
 */
export function modelVerdicts(
  { topic, verdicts, demands }: JudgedModel,
  around: Surroundings | undefined,
  operatorsKnown: boolean,
): Verdict[] {
  if (!demands || !around) return [...verdicts];
  const { problems, unchecked } = placementOf(demands, around);
  if (problems.length > 0) return problems.map((message) => problem(topic, message));
  const missed = [...unchecked, ...(operatorsKnown ? [] : ['whether its operator allows it'])];
  if (missed.length === 0) return [ok(topic, `this cluster can run it; not looked at: ${beyond}`)];
  return [
    ok(
      topic,
      `nothing is in its way as far as you may see; not looked at: ${[...missed, beyond].join(', ')}`,
    ),
  ];
}

/** Whether it is known what the operators allow. */
export function areOperatorsKnown({ operators }: Snapshot, operatorSettings?: OperatorSettings): boolean {
  if (operatorSettings) return true;
  return (
    operators.state !== 'hidden' &&
    !(valueIn(operators) ?? []).map(installedOperator).some(({ unknown }) => unknown)
  );
}

/** What `make` gives, or a problem for each sentence that it refuses with. */
function attempt<T>(topic: string, make: () => T): T | Verdict[] {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const settings = error instanceof UnsupportedError ? error.settings : [];
    return error.problems.map((message) => ({
      ...problem(topic, message),
      ...(settings.length > 0 && { settings }),
    }));
  }
}
