import { expect, test } from 'vitest';
import { requestInfo } from '#kube/client/requests.ts';

const pods = '/api/v1/namespaces/a/pods';
const models = '/apis/dormouse.dev/v1alpha1/namespaces/a/inferencemodels';
const apply = 'application/apply-patch+yaml';

test.each<[string, string, boolean, string | undefined, string]>([
  ['GET', pods, false, undefined, 'list pods'],
  ['GET', '/api/v1/pods', true, undefined, 'watch pods'],
  ['GET', `${pods}/b`, false, undefined, 'get pods'],
  ['DELETE', `${pods}/b`, false, 'application/json', 'delete pods'],
  ['GET', '/api/v1/namespaces', false, undefined, 'list namespaces'],
  ['GET', '/api/v1/namespaces/a', false, undefined, 'get namespaces'],
  [
    'POST',
    '/apis/events.k8s.io/v1/namespaces/a/events',
    false,
    'application/json',
    'create events.events.k8s.io',
  ],
  ['PATCH', `${models}/b`, false, 'application/merge-patch+json', 'patch inferencemodels.dormouse.dev'],
  ['PATCH', `${models}/b/status`, false, apply, 'apply inferencemodels.dormouse.dev/status'],
  [
    'GET',
    '/apis/dormouse.dev/v1alpha1/inferenceruntimes/b',
    false,
    undefined,
    'get inferenceruntimes.dormouse.dev',
  ],
])('%s %s, watch: %s, %s is to %s', (method, path, watch, contentType, expected) => {
  const { verb, resource } = requestInfo(method, path, watch, contentType);
  expect(`${verb} ${resource}`).toBe(expected);
});
