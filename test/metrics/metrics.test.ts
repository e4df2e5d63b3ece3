import { expect, test } from 'vitest';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { Controller, type Reconcile, TerminalError } from '#kube/controller/controller.ts';
import { makeMetrics } from '#metrics/metrics.ts';
import { recordingLogger } from '../kube/fixtures.ts';
import { ManualClock } from '../kube/manual-clock.ts';
import { FedInformer } from '../support/informer.ts';

const settled = () => new Promise(setImmediate);

/** The samples of a scrape whose name begins so, without zeros and buckets. */
async function samples(metrics: ReturnType<typeof makeMetrics>, prefix: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.filter((line) => line.startsWith(prefix) && !line.includes('_bucket') && !line.endsWith(' 0'));
}

async function running(reconcile: Reconcile) {
  const clock = new ManualClock();
  const metrics = makeMetrics(() => clock.now() / 1000);
  const observer = metrics.controller('test', 2);
  const stop = new AbortController();
  const logger = recordingLogger();
  const controller = new Controller({
    name: 'test',
    reconcile,
    clock,
    logger,
    random: () => 0,
    workers: 2,
    observer,
  });
  const run = controller.run(stop.signal);
  const finish = async () => {
    stop.abort();
    await run;
  };
  return { clock, metrics, controller, finish };
}

test('each result of a reconcile is counted under the names of controller-runtime', async () => {
  const { metrics, controller, finish } = await running(async (key) => {
    if (key === 'error') throw new Error('no');
    if (key === 'terminal') throw new TerminalError('never');
    if (key === 'panic') throw new TypeError('undefined is not a function');
    return key === 'later' ? { requeueAfterMs: 1000 } : {};
  });
  for (const key of ['a', 'b', 'error', 'terminal', 'panic', 'later']) controller.enqueue(key);
  await settled();
  expect((await samples(metrics, 'controller_runtime')).sort()).toEqual([
    'controller_runtime_max_concurrent_reconciles{controller="test"} 2',
    'controller_runtime_reconcile_errors_total{controller="test"} 3',
    'controller_runtime_reconcile_panics_total{controller="test"} 1',
    'controller_runtime_reconcile_time_seconds_count{controller="test"} 6',
    'controller_runtime_reconcile_total{controller="test",result="error"} 3',
    'controller_runtime_reconcile_total{controller="test",result="requeue_after"} 1',
    'controller_runtime_reconcile_total{controller="test",result="success"} 2',
    'controller_runtime_terminal_reconcile_errors_total{controller="test"} 1',
  ]);
  await finish();
});

test('a queue shows what waits, what is worked on and for how long, as that of client-go', async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, metrics, controller, finish } = await running(async () => {
    await gate.promise;
    return {};
  });
  controller.enqueue('first');
  await settled();
  clock.advance(1000);
  for (const key of ['second', 'third', 'third', 'first']) controller.enqueue(key);
  await settled();
  clock.advance(2000);
  const labels = '{name="test",controller="test"}';
  expect(await samples(metrics, 'workqueue_')).toEqual([
    `workqueue_depth${labels} 2`,
    `workqueue_unfinished_work_seconds${labels} 5`,
    `workqueue_longest_running_processor_seconds${labels} 3`,
    `workqueue_adds_total${labels} 4`,
    `workqueue_queue_duration_seconds_count${labels} 2`,
  ]);
  expect(await samples(metrics, 'controller_runtime_active')).toEqual([
    'controller_runtime_active_workers{controller="test"} 2',
  ]);
  gate.resolve();
  await settled();
  expect(await samples(metrics, 'workqueue_')).toEqual([
    `workqueue_adds_total${labels} 4`,
    `workqueue_queue_duration_seconds_sum${labels} 4`,
    `workqueue_queue_duration_seconds_count${labels} 4`,
    `workqueue_work_duration_seconds_sum${labels} 5`,
    `workqueue_work_duration_seconds_count${labels} 4`,
  ]);
  await finish();
});

test('a standby counts no work, and no wait once it leads', async () => {
  const clock = new ManualClock();
  const metrics = makeMetrics(() => clock.now() / 1000);
  const models = new FedInformer<KubernetesObject>();
  const controller = new Controller({
    name: 'test',
    reconcile: async () => ({}),
    clock,
    logger: recordingLogger(),
    random: () => 0,
    observer: metrics.controller('test', 1),
  });
  controller.for(models);
  for (const name of ['a', 'b', 'a']) models.bring({ metadata: { name } });
  expect(await samples(metrics, 'workqueue_')).toEqual([]);
  clock.advance(3_600_000);
  const stop = new AbortController();
  const run = controller.run(stop.signal);
  await settled();
  const labels = '{name="test",controller="test"}';
  expect(await samples(metrics, 'workqueue_')).toEqual([
    `workqueue_adds_total${labels} 2`,
    `workqueue_queue_duration_seconds_count${labels} 2`,
    `workqueue_work_duration_seconds_count${labels} 2`,
  ]);
  stop.abort();
  await run;
});

test('requests are counted by what they ask for, answered or not', async () => {
  const metrics = makeMetrics();
  const request = { verb: 'list', resource: 'pods', method: 'GET', host: 'kube:6443', seconds: 0.5 } as const;
  metrics.request({ ...request, code: 200 });
  metrics.request({ ...request, code: undefined });
  expect([...(await samples(metrics, 'rest_client')), ...(await samples(metrics, 'dormouse_api'))]).toEqual([
    'rest_client_requests_total{code="200",method="GET",host="kube:6443"} 1',
    'rest_client_requests_total{code="<error>",method="GET",host="kube:6443"} 1',
    'dormouse_api_requests_total{verb="list",resource="pods",code="200"} 1',
    'dormouse_api_requests_total{verb="list",resource="pods",code="<error>"} 1',
    'dormouse_api_request_duration_seconds_sum{verb="list",resource="pods"} 1',
    'dormouse_api_request_duration_seconds_count{verb="list",resource="pods"} 2',
  ]);
});

test('caches are counted when a scraper asks, collections of one resource together', async () => {
  const metrics = makeMetrics();
  const models = [{}, { status: { state: 'Asleep' } }, { status: { state: 'Asleep' } }] as const;
  const configMaps = { resource: 'configmaps', store: { size: 1 } };
  metrics.caches([configMaps, configMaps], () => models);
  const expected = [
    'dormouse_cached_objects{resource="configmaps"} 2',
    'dormouse_models{state="Asleep"} 2',
    'dormouse_models{state="Unknown"} 1',
  ];
  const found = async () => [
    ...(await samples(metrics, 'dormouse_cached')),
    ...(await samples(metrics, 'dormouse_models')),
  ];
  expect(await found()).toEqual(expected);
  expect(await found()).toEqual(expected);
});

test('the leader and the process show themselves', async () => {
  const metrics = makeMetrics();
  let leading = true;
  metrics.leader('dormouse', () => leading);
  expect(await samples(metrics, 'leader_')).toEqual(['leader_election_master_status{name="dormouse"} 1']);
  expect(await samples(metrics, 'process_resident_memory_bytes')).toHaveLength(1);
  expect(await samples(metrics, 'nodejs_version_info')).toHaveLength(1);
  leading = false;
  expect(await samples(metrics, 'leader_')).toEqual([]);
});
