import * as z from 'zod';
import { duration, imageReference, namespaceName, objectName, stringMatching } from '#api/schema/scalars.ts';
import { wrongLeaseTime } from '#kube/election/leader-election.ts';
import { group, listenAddress, readBoolean, readList, readNumber, setting, wholeNumber } from './setting.ts';

const registry = stringMatching(
  /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?(\/[a-z0-9]+([-._]+[a-z0-9]+)*)*$/,
  200,
  'a registry with or without a path, such as registry.example or registry.example:5000/team',
);
const leaseTime = duration('1s', '10m');

/** The names of the file and of the flags are those of the component configuration of Kubernetes. */
const leaderElection = group({
  leaderElect: setting(
    z.boolean().default(true),
    '--leader-elect [boolean]',
    'work only while holding a Lease, so that of several replicas one works',
    readBoolean,
  ),
  resourceName: setting(
    objectName.default('dormouse'),
    '--leader-elect-resource-name <name>',
    'name of the Lease',
  ),
  resourceNamespace: setting(
    namespaceName.optional(),
    '--leader-elect-resource-namespace <name>',
    'namespace of the Lease; by default that of the pod or of the kubeconfig',
  ),
  leaseDuration: setting(
    leaseTime.prefault('15s'),
    '--leader-elect-lease-duration <duration>',
    'how long others wait for a leader that is silent',
  ),
  renewDeadline: setting(
    leaseTime.prefault('10s'),
    '--leader-elect-renew-deadline <duration>',
    'how long a leader that cannot renew goes on; shorter than the lease duration',
  ),
  retryPeriod: setting(
    leaseTime.prefault('2s'),
    '--leader-elect-retry-period <duration>',
    'pause between attempts to win or renew; shorter than the renew deadline',
  ),
}).superRefine(({ leaseDuration, renewDeadline, retryPeriod }, context) => {
  const wrong = wrongLeaseTime({
    leaseDurationMs: leaseDuration * 1000,
    renewDeadlineMs: renewDeadline * 1000,
    retryPeriodMs: retryPeriod * 1000,
  });
  if (wrong) context.addIssue({ code: 'custom', path: [wrong.time], message: wrong.message });
});

const pattern = stringMatching(
  /^[^\s,]+$/,
  255,
  'a text without spaces and commas, in which * stands for any text',
);

const allow = group({
  images: setting(
    z.array(pattern, { error: 'must be a list of images' }).optional(),
    '--allow-images <patterns>',
    'images that models may name, such as registry.example/team/*, with commas between; by default all',
    readList,
  ),
  serviceAccounts: setting(
    z.array(pattern, { error: 'must be a list of names' }).optional(),
    '--allow-service-accounts <patterns>',
    'ServiceAccounts that models may run as, with commas between; by default all',
    readList,
  ),
  unboundedPublicModels: setting(
    z.boolean().default(true),
    '--allow-unbounded-public-models [boolean]',
    'public models without an upper bound of their pods',
    readBoolean,
  ),
});

/** The settings of `dormouse controller`: the one source of its file, of its flags and of the help. */
export const configSchema = group({
  logLevel: setting(
    z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    '--log-level <level>',
    'lowest level that is logged: debug, info, warn or error',
  ),
  logFormat: setting(
    z.enum(['auto', 'json', 'text']).default('auto'),
    '--log-format <format>',
    'json, text, or auto: text on a terminal and json elsewhere',
  ),
  workers: setting(
    wholeNumber(1, 1000).default(10),
    '--workers <number>',
    'models reconciled at the same time',
    readNumber,
  ),
  namespaces: setting(
    z.array(namespaceName, { error: 'must be a list of namespaces' }).default([]),
    '--namespaces <names>',
    'namespaces whose models are served, with commas between; by default all',
    readList,
  ),
  metricsBindAddress: setting(
    listenAddress.prefault(':8080'),
    '--metrics-bind-address <address>',
    'where /metrics is served, "0" for nowhere',
  ),
  healthProbeBindAddress: setting(
    listenAddress.prefault(':8081'),
    '--health-probe-bind-address <address>',
    'where /healthz and /readyz are served, "0" for nowhere',
  ),
  imageRegistry: setting(
    registry.optional(),
    '--image-registry <registry>',
    "registry that has Dormouse's own images, in place of the one that they are published in",
  ),
  fetcherImage: setting(
    imageReference.optional(),
    '--fetcher-image <image>',
    "image with which models are fetched; by default Dormouse's own",
  ),
  allow: allow.prefault({}),
  leaderElection: leaderElection.prefault({}),
});
