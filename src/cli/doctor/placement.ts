import { labels } from '#api/group.ts';
import { milliValue } from '#api/schema/quantity.ts';
import { nameTaken } from '#decision/ownership.ts';
import { controllerOf } from '#kube/client/objects.ts';
import { serviceHolder } from '../cluster/live-model.ts';
import type { Demands, Toleration } from './demands.ts';
import type { Seen } from './snapshot.ts';
import type { NodeObject, Surroundings } from './surroundings.ts';

/** What one check found: problems, or that the user may not see what it looks at. */
export interface Placement {
  readonly problems: readonly string[];
  /** What was not looked at. */
  readonly unchecked: readonly string[];
}

/** Each looks at one thing around the pods of a model. */
const checks: readonly ((demands: Demands, around: Surroundings) => Placement)[] = [
  names,
  references,
  nodes,
  quotas,
  limitRanges,
  podSecurity,
];

/** All that is in the way of the pods of a model, and what was not looked at. */
export function placementOf(demands: Demands, around: Surroundings): Placement {
  const found = checks.map((check) => check(demands, around));
  return {
    problems: found.flatMap(({ problems }) => problems),
    unchecked: [
      ...found.flatMap(({ unchecked }) => unchecked),
      ...demands.unjudged.map((field) => `spec.pod.${field}`),
    ],
  };
}

const fine: Placement = { problems: [], unchecked: [] };
const problems = (...found: readonly string[]): Placement => ({ problems: found, unchecked: [] });
const unchecked = (what: string, { state }: Seen<unknown>): Placement =>
  state === 'hidden' ? { problems: [], unchecked: [what] } : fine;

/** Knative makes a Service of the name of each of its own. */
function names({ name, namespace }: Demands, { service, knativeService }: Surroundings): Placement {
  if (knativeService.state === 'found') {
    const found = knativeService.value;
    const isOurs =
      found.metadata.labels?.[labels.model] === name || serviceHolder(found, undefined) !== 'taken';
    return isOurs ? fine : problems(nameTaken(found));
  }
  if (service.state === 'found' && !/knative/.test(controllerOf(service.value)?.apiVersion ?? ''))
    return problems(
      `metadata.name: there is a Service ${namespace}/${name}, and Knative makes one of that name: name the model otherwise, or delete the Service`,
    );
  return unchecked('Services of its name', service);
}

/** Kubernetes makes the ServiceAccount `default` itself. */
function references({ namespace }: Demands, around: Surroundings): Placement {
  const absent = around.references.filter(
    ({ kind, name, seen }) => seen.state === 'absent' && !(kind === 'ServiceAccount' && name === 'default'),
  );
  const hidden = around.references.filter(({ seen }) => seen.state === 'hidden');
  return {
    problems: absent.map(({ kind, name }) =>
      /Class$/.test(kind)
        ? `there is no ${kind} ${name} in the cluster: make it, or name another`
        : `there is no ${kind} ${name} in namespace ${namespace}: make it, or name another`,
    ),
    unchecked: hidden.map(({ kind, name }) => `${kind} ${name}`),
  };
}

function nodes(demands: Demands, { nodes: seen }: Surroundings): Placement {
  if (seen.state !== 'found') return unchecked('nodes', seen);
  const reasons = seen.value.map((node) => misfit(demands, node));
  if (reasons.some((reason) => reason === undefined)) return fine;
  const counts = new Map<string, number>();
  for (const reason of reasons) if (reason) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const text = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return problems(
    `no node takes its pods (${seen.value.length} here${text ? `: ${text}` : ''}): change what it asks for, or add a node; where an autoscaler adds it, there is nothing to do`,
  );
}

/** Why a node does not take a pod, were it empty. */
function misfit(
  { requests, nodeSelector, tolerations }: Demands,
  { metadata, spec, status }: NodeObject,
): string | undefined {
  if (spec?.unschedulable) return 'is cordoned';
  const label = Object.entries(nodeSelector).find(([key, value]) => metadata.labels?.[key] !== value);
  if (label) return `has not the label ${label.join('=')}`;
  const taint = spec?.taints?.find(
    ({ effect, key, value }) =>
      effect !== 'PreferNoSchedule' && !tolerations.some((each) => tolerates(each, { effect, key, value })),
  );
  if (taint) return `has the taint ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
  const lacking = Object.entries(requests).find(
    ([resource, amount]) => amount > milliValue(status?.allocatable?.[resource] ?? '0'),
  );
  return lacking && `has less ${lacking[0]} than it requests (${shown(lacking[1])})`;
}

/** As kube-scheduler reads it (k8s.io/component-helpers `scheduling/corev1/helpers.go`). */
const tolerates = (
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: { readonly key: string; readonly value?: string | undefined; readonly effect: string },
): boolean =>
  (!effect || effect === taint.effect) &&
  (key === undefined || key === taint.key) &&
  (operator === 'Exists' || (key !== undefined && value === (taint.value ?? '')));

function shown(amount: bigint): string {
  const whole = amount / 1000n;
  if (amount % 1000n !== 0n) return `${amount}m`;
  const gibi = 1024n ** 3n;
  const mebi = 1024n ** 2n;
  if (whole >= gibi && whole % gibi === 0n) return `${whole / gibi}Gi`;
  return whole >= mebi && whole % mebi === 0n ? `${whole / mebi}Mi` : `${whole}`;
}

function quotas(demands: Demands, { quotas: seen, limitRanges }: Surroundings): Placement {
  if (seen.state !== 'found') return unchecked('ResourceQuotas', seen);
  const defaults =
    limitRanges.state === 'found' ? limitRanges.value.flatMap(({ spec }) => spec?.limits ?? []) : [];
  return problems(
    ...seen.value
      // A quota with scopes counts some pods alone.
      .filter(({ spec }) => !spec?.scopes?.length && !spec?.scopeSelector)
      .flatMap(({ metadata, status = {} }) =>
        Object.entries(status.hard ?? {}).flatMap(([key, hard]) => {
          const [type, resource] = split(key);
          if (!type || !resource) return [];
          const amount = demands[type][resource];
          const left = milliValue(hard) - milliValue(status.used?.[key] ?? '0');
          if (amount !== undefined && amount > left)
            return [
              `ResourceQuota ${metadata.name} has ${shown(left > 0n ? left : 0n)} of ${key} left, and a pod takes ${shown(amount)}`,
            ];
          if (!/^(cpu|memory)$/.test(resource)) return [];
          // A quota on these makes them mandatory in each container, unless a LimitRange fills them in.
          if (
            defaults.some(
              (item) =>
                (type === 'limits' ? item.default : (item.defaultRequest ?? item.default))?.[resource],
            )
          )
            return [];
          const without = demands.containers
            .filter(({ resources = {} }) => !(resources[type]?.[resource] ?? resources.limits?.[resource]))
            .map(({ name }) => name);
          const all =
            demands.queueProxyHasResources || type === 'requests' ? without : [...without, 'queue-proxy'];
          return all.length > 0
            ? [
                `ResourceQuota ${metadata.name} wants ${key} of each container, and ${all.join(', ')} has none: set spec.resources and spec.pod.queueProxy.resources, or a LimitRange with defaults`,
              ]
            : [];
        }),
      ),
  );
}

/** `requests.memory`, or `memory` for short, as its type and its resource. */
function split(key: string): [type?: 'requests' | 'limits', resource?: string] {
  const [, type, resource] = /^(requests|limits)\.(.+)$/.exec(key) ?? [];
  if (type && resource) return [type as 'requests' | 'limits', resource];
  return key === 'cpu' || key === 'memory' ? ['requests', key] : [];
}

function limitRanges({ containers }: Demands, { limitRanges: seen }: Surroundings): Placement {
  if (seen.state !== 'found') return unchecked('LimitRanges', seen);
  const items = seen.value.flatMap(({ metadata, spec }) =>
    (spec?.limits ?? [])
      .filter(({ type }) => type === 'Container')
      .map((item) => ({ ...item, name: metadata.name })),
  );
  return problems(
    ...items.flatMap(({ max = {}, name }) =>
      containers.flatMap(({ name: container, resources }) =>
        Object.entries(max)
          .filter(([resource, most]) => milliValue(resources?.limits?.[resource] ?? '0') > milliValue(most))
          .map(
            ([resource, most]) =>
              `LimitRange ${name} allows at most ${most} of ${resource} a container, and ${container} has a limit of ${resources?.limits?.[resource]}`,
          ),
      ),
    ),
  );
}

function podSecurity({ containers }: Demands, { namespace: seen }: Surroundings): Placement {
  if (seen.state !== 'found') return unchecked('the PodSecurity level of its namespace', seen);
  if (seen.value.metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted') return fine;
  const asRoot = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === false);
  return problems(
    ...asRoot.map(
      ({ name }) =>
        `namespace ${seen.value.metadata.name} takes no pods that may run as root (PodSecurity restricted), and container ${name} may: leave runAsNonRoot: false out`,
    ),
  );
}
