import { version as apiVersion } from '#api/group.ts';
import { customResourceDefinitions } from '#api/v1alpha1/crd.ts';
import { version } from '#base/version.ts';
import type { PodObject } from '#knative/objects.ts';
import { failureOf } from '#status/pods.ts';
import {
  type DeploymentObject,
  type InstalledOperator,
  installedOperator,
  overlap,
} from '../cluster/installed-operator.ts';
import { type CrdObject, type Snapshot, valueIn } from './snapshot.ts';
import { hidden, ok, problem, type Verdict, warning } from './verdict.ts';

const install = `install or upgrade to ${version}: with its Helm chart, or "kubectl apply" of crds.yaml and install.yaml in its manifests`;

/** Our own part: the CRDs, the operator, its image and the rights of the caller. */
export const dormouseChecks: readonly ((snapshot: Snapshot) => Verdict[])[] = [
  crds,
  operator,
  fetcher,
  rights,
];

/** Our CRDs as this version has them, by their names. */
export const ourCrds: ReadonlyMap<string, CrdObject> = new Map(
  customResourceDefinitions().map((crd) => {
    const object = crd as unknown as CrdObject;
    return [object.metadata.name, object];
  }),
);

function crds({ crds: found }: Snapshot): Verdict[] {
  return [...ourCrds].map(([name, ours]) => {
    const topic = `CRD ${name.split('.')[0]}`;
    const seen = found[name] ?? { state: 'absent' };
    if (seen.state === 'absent') return problem(topic, 'is not installed', install);
    if (seen.state === 'hidden') return hidden(topic, seen);
    const served = seen.value.spec?.versions?.filter((each) => each.served) ?? [];
    const theirs = served.find((each) => each.name === apiVersion);
    if (!theirs) return problem(topic, `${apiVersion} is not served`, install);
    const [schema] = ours.spec?.versions ?? [];
    const missing = missingFields(schema?.schema?.openAPIV3Schema, theirs.schema?.openAPIV3Schema);
    if (missing.length > 0)
      return warning(
        topic,
        `${apiVersion} of another version of Dormouse: it lacks ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', ...' : ''}`,
        install,
      );
    return ok(topic, served.map((each) => each.name).join(', '));
  });
}

/** Paths of the fields that one schema has and another lacks. */
function missingFields(ours: unknown, theirs: unknown, path = ''): string[] {
  const { properties = {}, items } = (ours ?? {}) as Schema;
  const other = (theirs ?? {}) as Schema;
  const fields = Object.entries(properties).flatMap(([name, schema]) => {
    const field = path ? `${path}.${name}` : name;
    const found = other.properties?.[name];
    return found === undefined ? [field] : missingFields(schema, found, field);
  });
  return items === undefined ? fields : [...fields, ...missingFields(items, other.items, `${path}[]`)];
}

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
}

function operator({ operators, operatorPods }: Snapshot): Verdict[] {
  const topic = 'Operator';
  if (operators.state === 'hidden') return [hidden(topic, operators)];
  const found = valueIn(operators) ?? [];
  if (found.length === 0)
    return [
      warning(topic, 'does not run here: models are served only where manifests are rendered', install),
    ];
  const pods = valueIn(operatorPods) ?? [];
  return [
    ...clashes(topic, found.map(installedOperator)),
    ...found.map((each) => running(topic, each, pods)),
  ];
}

/** Two operators that serve the same models would undo each other's work. */
function clashes(topic: string, installed: readonly InstalledOperator[]): Verdict[] {
  const clashing = installed.filter((one) => installed.some((other) => one !== other && overlap(one, other)));
  if (clashing.length === 0) return [];
  const verdict = clashing.some(({ unknown }) => unknown) ? warning : problem;
  const names = clashing.map(({ where }) => where).join(', ');
  return [
    verdict(topic, `several serve the same models: ${names}`, 'keep one, or give each namespaces of its own'),
  ];
}

function running(topic: string, deployment: DeploymentObject, pods: readonly PodObject[]): Verdict {
  const { where, version: theirs } = installedOperator(deployment);
  const { namespace, name } = deployment.metadata;
  if (!deployment.status?.readyReplicas) {
    const failure = failureOf(
      pods.filter(({ metadata }) => metadata.namespace === namespace),
      { now: Date.now() },
    );
    return problem(
      topic,
      `no pod of ${where} is ready${failure ? `: ${failure.reason}: ${failure.message}` : ''}`,
      `kubectl logs -n ${namespace} deployment/${name}`,
    );
  }
  if (theirs !== version)
    return warning(topic, `${where} runs ${theirs ?? 'a version of its own'}; this is dormouse ${version}`);
  return ok(topic, `${where} runs ${theirs}`);
}

/** Whether nodes can pull our image: what the pods of models say of it, where there are any. */
function fetcher({ pods }: Snapshot): Verdict[] {
  const topic = 'Fetcher image';
  const states = (valueIn(pods) ?? []).flatMap(fetchStates);
  const failed = states.find(({ waiting }) => /Image/.test(waiting?.reason ?? ''));
  if (failed)
    return [
      problem(
        topic,
        `nodes cannot pull it: ${failed.waiting?.reason}: ${failed.waiting?.message ?? ''}`.replace(
          /: $/,
          '',
        ),
        'let --fetcher-image of the operator name an image that the nodes can pull',
      ),
    ];
  const ran = states.some(({ running, terminated }) => running ?? terminated);
  return ran ? [ok(topic, 'nodes can pull it')] : [];
}

const fetchStates = ({ status }: PodObject) =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
    .filter(({ name }) => name === 'fetch')
    .map(({ state }) => (state ?? {}) as NonNullable<typeof state> & { readonly running?: object });

function rights({ rights: all }: Snapshot): Verdict[] {
  const topic = 'Your rights';
  const refused = all.filter(({ allowed }) => !allowed);
  if (refused.length === 0)
    return all.length > 0 ? [ok(topic, all.map(({ purpose }) => purpose).join(', '))] : [];
  return refused.map(({ purpose, verb, resource, namespace }) =>
    warning(
      topic,
      `you may not ${purpose}`,
      `ask for the right to ${verb} ${resource} in namespace ${namespace}`,
    ),
  );
}
