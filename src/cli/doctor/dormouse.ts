import { inferenceModelCrd, inferenceRuntimeCrd } from '../../api/crd.ts';
import { version as apiVersion } from '../../api/group.ts';
import type { PodObject } from '../../status/observed.ts';
import { failureOf } from '../../status/pods.ts';
import { version } from '../../version.ts';
import { type CrdObject, type Snapshot, valueIn, type Workload } from './snapshot.ts';
import { hidden, ok, problem, type Verdict, warning } from './verdict.ts';

const install = 'kubectl apply -f manifests/crds.yaml -f manifests/install.yaml';

/** Our own part: the CRDs, the operator, its image and the rights of the caller. */
export const dormouseChecks: readonly ((snapshot: Snapshot) => Verdict[])[] = [
  crds,
  operator,
  fetcher,
  rights,
];

/** Our CRDs as this version has them, by their names. */
export const ourCrds: ReadonlyMap<string, CrdObject> = new Map(
  [inferenceModelCrd(), inferenceRuntimeCrd()].map((crd) => {
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
  const [found, ...others] = valueIn(operators) ?? [];
  if (!found)
    return [
      warning(topic, 'does not run here: models are served only where manifests are rendered', install),
    ];
  const { namespace, name } = found.metadata;
  const where = `${namespace}/${name}`;
  if (others.length > 0)
    return [
      problem(
        topic,
        `runs more than once: ${[found, ...others].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ')}`,
        'keep one, or give each namespaces of its own',
      ),
    ];
  if (!found.status?.readyReplicas) {
    const failure = failureOf(valueIn(operatorPods) ?? []);
    return [
      problem(
        topic,
        `no pod of ${where} is ready${failure ? `: ${failure.reason}: ${failure.message}` : ''}`,
        `kubectl logs -n ${namespace} deployment/${name}`,
      ),
    ];
  }
  const running = operatorVersion(found);
  if (running !== version)
    return [
      warning(topic, `${where} runs ${running ?? 'a version of its own'}; this is dormouse ${version}`),
    ];
  return [ok(topic, `${where} runs ${running}`)];
}

/** The version of an operator, by the tag of its image. */
export function operatorVersion({ spec }: Workload): string | undefined {
  const image = spec?.template?.spec?.containers?.[0]?.image;
  return /:([^:/@]+)(@.*)?$/.exec(image ?? '')?.[1];
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
