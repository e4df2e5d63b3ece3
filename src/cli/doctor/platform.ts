import { domainOf, gatewayName, ingressOf } from '#knative/ingress.ts';
import { patchCommand, placeOf } from '#knative/setting.ts';
import { settingsOwnerOf } from '#knative/settings.ts';
import { type Snapshot, valueIn } from './snapshot.ts';
import { hidden, ok, problem, type Verdict, warning } from './verdict.ts';

/** The CRD without which there is no Knative Serving. */
export const serviceCrd = 'services.serving.knative.dev';

/** The oldest minor versions that the tests run on; Knative 1.21 asks for no older Kubernetes. */
const oldest = { kubernetes: 33, knative: 21 };

/** The platform: Kubernetes, Knative, its ingress and its names. */
export const platformChecks: readonly ((snapshot: Snapshot) => Verdict[])[] = [
  kubernetes,
  knativeServing,
  ingress,
  domain,
];

function kubernetes({ kubernetes: version }: Snapshot): Verdict[] {
  const topic = 'Kubernetes';
  if (minorOf(version) >= oldest.kubernetes) return [ok(topic, version)];
  return [
    problem(
      topic,
      `${version} is older than Knative 1.21 needs`,
      `upgrade to 1.${oldest.kubernetes} or newer`,
    ),
  ];
}

function knativeServing({ crds, knative }: Snapshot): Verdict[] {
  const topic = 'Knative Serving';
  const crd = crds[serviceCrd] ?? { state: 'absent' };
  if (crd.state === 'absent')
    return [problem(topic, 'is not installed', 'see https://knative.dev/docs/install/')];
  if (crd.state === 'hidden') return [hidden(topic, crd)];
  const version = crd.value.metadata.labels?.['app.kubernetes.io/version'];
  const down = (valueIn(knative) ?? []).filter(
    ({ spec, status }) => (spec?.replicas ?? 1) > 0 && !status?.readyReplicas,
  );
  if (down.length > 0)
    return [
      problem(
        topic,
        `${down.map(({ metadata }) => metadata.name).join(', ')}: no pod is ready`,
        'kubectl get pods -n knative-serving',
      ),
    ];
  if (version === undefined) return [warning(topic, 'is installed, in a version that it does not name')];
  // Releases were numbered 0.x up to 0.27, and their Go modules are still: 0.48 is release 1.21.
  const minor = version.replace(/^v/, '').startsWith('0.') ? minorOf(version) - 27 : minorOf(version);
  const name = `${version}${version.replace(/^v/, '').startsWith('0.') ? ` (release 1.${minor})` : ''}`;
  if (minor < oldest.knative)
    return [
      warning(topic, `${name}: a change of spec.scale makes a new revision`, 'upgrade to 1.21 or newer'),
    ];
  return [ok(topic, name)];
}

function ingress({ settings, gateway }: Snapshot): Verdict[] {
  const topic = 'Ingress';
  const found = valueIn(settings);
  if (!found) return [hidden(topic, settings)];
  const known = ingressOf(found);
  const name = known.name.replace('.ingress.networking.knative.dev', '');
  if (!known.gateway || !gateway)
    return [warning(topic, `${known.name} is not known here, so its pods were not looked for`)];
  const service = `Service ${gatewayName(known.gateway)}`;
  if (gateway.state === 'hidden') return [hidden(topic, gateway)];
  const pods = (valueIn(gateway) ?? [])
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false);
  if (pods.length === 0)
    return [
      problem(
        topic,
        `${name} is chosen by ConfigMap knative-serving/config-network, and ${service} has no pod that is ready`,
        `install ${name}, or set ${placeOf('config-network', 'ingress-class', settingsOwnerOf(found))} to the ingress that is here`,
      ),
    ];
  return [ok(topic, `${name}: ${service} with ${pods.length === 1 ? '1 pod' : `${pods.length} pods`}`)];
}

function domain({ settings, host }: Snapshot): Verdict[] {
  const topic = 'Domain';
  const found = valueIn(settings);
  if (!found) return [hidden(topic, settings)];
  const name = domainOf(found);
  if (name === undefined || name === 'svc.cluster.local')
    return [
      warning(
        topic,
        'none is set: no model is reached from outside the cluster, also no public one',
        patchCommand(
          { configMap: 'config-domain', key: 'models.example.com', value: '' },
          settingsOwnerOf(found),
        ),
      ),
    ];
  if (!host.resolves)
    return [
      warning(
        topic,
        `${name}: ${host.name} does not resolve here, so public models are not found by their URL`,
        `let *.${name} lead to the ingress; until then: dormouse predict, or --via`,
      ),
    ];
  return [ok(topic, `${name}, such as ${host.name}`)];
}

const minorOf = (version: string) => Number(/^v?\d+\.(\d+)/.exec(version)?.[1] ?? 0);
