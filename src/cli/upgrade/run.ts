import { nameOf, type Paint } from '#plan/text.ts';
import { type ModelUpgrade, upgradeCode, upgradeReport } from '#plan/upgrade.ts';
import { upgradeText } from '#plan/upgrade-text.ts';
import { PlainError } from '../action.ts';
import { openBaseline } from '../cluster/baseline.ts';
import { readOperatorSettings } from '../cluster/installed-operator.ts';
import type { OpenCluster } from '../cluster/open.ts';
import { awaitRevision, refresh } from '../cluster/refresh.ts';
import type { Format, Target } from '../flags.ts';
import { printed } from '../terminal/output.ts';
import { log, print } from '../terminal/terminal.ts';
import { planOf } from './plan.ts';

export interface UpgradeFlags extends Target {
  readonly plan?: boolean;
  readonly against?: string;
  readonly allNamespaces?: boolean;
  readonly config?: string;
  readonly output?: Format;
}

/** For one model: Knative gives a start ten minutes, and a model that is fetched more. */
const timeoutMs = 30 * 60_000;

/** Prints what models would adopt, or has them adopt it, and gives the exit code. */
export async function runUpgrade(
  names: readonly string[],
  flags: UpgradeFlags,
  paint: Paint,
): Promise<number> {
  if (!flags.plan && names.length === 0)
    throw new PlainError('name the models that are to adopt what is new, or ask with --plan');
  if (!flags.plan && (flags.against ?? 'cluster') !== 'cluster')
    throw new PlainError('--against a file is for --plan alone');
  const { against: source = 'cluster', kubeconfig, context, namespace, allNamespaces } = flags;
  await using baseline = disposable(await openBaseline({ source, kubeconfig, context }));
  const operatorSettings = await readOperatorSettings(flags.config);
  const everywhere = allNamespaces || (!baseline.cluster && namespace === undefined);
  const of = everywhere ? undefined : (namespace ?? baseline.namespace);
  const plan = await planOf({ baseline, names, operatorSettings, namespace: of }, log);
  if (baseline.cluster && !flags.plan) return await adoptAll(plan, baseline.cluster);
  print(flags.output ? printed(upgradeReport(plan), flags.output) : upgradeText(plan, paint));
  const behind = plan.filter(({ state }) => state === 'behind');
  if (behind.length > 0)
    log(
      'to adopt: dormouse upgrade NAME..., or where models come from Git, a new value of their annotation dormouse.dev/refresh',
    );
  return upgradeCode(plan);
}

/** One after the other, and none after one that fails. */
async function adoptAll(plan: readonly ModelUpgrade[], cluster: OpenCluster): Promise<number> {
  const refused = plan.filter(({ state }) => state === 'refused' || state === 'pending');
  if (refused.length > 0) throw new PlainError(upgradeText(refused, (_, text) => text).trimEnd());
  for (const { state, diff } of plan) {
    const { name, namespace = cluster.namespace, live = '' } = diff;
    if (state === 'current') {
      log(`${nameOf(diff)}: ${live} is as it would be made today`);
      continue;
    }
    log(`${nameOf(diff)}: adopting; ${live} serves until the new revision does`);
    await refresh(cluster.client, { namespace, name });
    const revision = await awaitRevision(cluster.client, { namespace, name }, live, { timeoutMs });
    log(`${nameOf(diff)}: ${revision} serves`);
  }
  return 0;
}

const disposable = <T extends { close(): Promise<void> }>(baseline: T): T & AsyncDisposable =>
  Object.assign(baseline, { [Symbol.asyncDispose]: () => baseline.close() });
