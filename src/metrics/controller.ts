import { Counter, exponentialBuckets, Gauge, Histogram, type Registry } from 'prom-client';
import type { ControllerObserver } from '#kube/controller/controller.ts';

/** Those of controller-runtime: steps of 50 ms in the first half second, where a reconcile belongs. */
const reconcileBuckets = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  ...[1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
];
const queueBuckets = exponentialBuckets(1e-8, 10, 12);

/**
 * The metrics of controllers and their queues, under the names of controller-runtime and client-go, so that dashboards
 * made for those show this operator too.
 *
 * @param seconds a clock that only goes on
 * @returns what makes the observer of one controller
 */
export function controllerMetrics(registry: Registry, seconds: () => number) {
  const registers = [registry];
  const of = ['controller'] as const;
  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by result',
    labelNames: ['controller', 'result'],
    registers,
  });
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciles that failed',
    labelNames: of,
    registers,
  });
  const terminalErrors = new Counter({
    name: 'controller_runtime_terminal_reconcile_errors_total',
    help: 'Reconciles that failed and are not retried before the next change',
    labelNames: of,
    registers,
  });
  const panics = new Counter({
    name: 'controller_runtime_reconcile_panics_total',
    help: 'Reconciles that failed by a mistake of the operator itself: please report it',
    labelNames: of,
    registers,
  });
  const time = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a reconcile takes',
    labelNames: of,
    buckets: reconcileBuckets,
    registers,
  });
  const workers = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Most keys that are reconciled at the same time',
    labelNames: of,
    registers,
  });
  const queues = queueMetrics(registry);

  return (controller: string, maxWorkers: number): ControllerObserver => {
    const waiting = new Map<string, number>();
    const working = new Map<string, number>();
    const labels = { controller };
    const queue = { name: controller, controller };
    workers.set(labels, maxWorkers);
    for (const result of ['success', 'error', 'requeue_after']) reconciles.inc({ controller, result }, 0);
    for (const counter of [errors, terminalErrors, panics]) counter.inc(labels, 0);
    queues.show({ queue, waiting, working, seconds });
    return {
      queued(key) {
        waiting.set(key, seconds());
        queues.adds.inc(queue);
      },
      started(key) {
        const now = seconds();
        queues.queueDuration.observe(queue, now - (waiting.get(key) ?? now));
        waiting.delete(key);
        working.set(key, now);
      },
      ended(key, result) {
        const took = seconds() - (working.get(key) ?? 0);
        working.delete(key);
        time.observe(labels, took);
        queues.workDuration.observe(queue, took);
        const isError = result !== 'success' && result !== 'requeue_after';
        reconciles.inc({ controller, result: isError ? 'error' : result });
        if (isError) errors.inc(labels);
        if (result === 'terminal_error') terminalErrors.inc(labels);
        if (result === 'panic') panics.inc(labels);
        if (result !== 'success' && result !== 'terminal_error') queues.retries.inc(queue);
      },
    };
  };
}

/** What a scrape reads from one queue. */
interface Shown {
  readonly queue: { readonly name: string; readonly controller: string };
  /** Since when each key waits, and is worked on. */
  readonly waiting: ReadonlyMap<string, number>;
  readonly working: ReadonlyMap<string, number>;
  readonly seconds: () => number;
}

function queueMetrics(registry: Registry) {
  const common = { labelNames: ['name', 'controller'] as const, registers: [registry] };
  const shown: Shown[] = [];
  const gauge = (name: string, help: string, value: (of: Shown) => number) =>
    new Gauge({
      ...common,
      name,
      help,
      collect() {
        for (const each of shown) this.set(each.queue, value(each));
      },
    });
  gauge('workqueue_depth', 'Keys that wait', ({ waiting }) => waiting.size);
  gauge('workqueue_unfinished_work_seconds', 'Sum of how long the keys in work have been worked on', (of) =>
    ages(of).reduce((sum, age) => sum + age, 0),
  );
  gauge('workqueue_longest_running_processor_seconds', 'How long the oldest key in work is worked on', (of) =>
    Math.max(0, ...ages(of)),
  );
  new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Keys that are reconciled now',
    labelNames: ['controller'],
    registers: [registry],
    collect() {
      for (const { queue, working } of shown) this.set({ controller: queue.controller }, working.size);
    },
  });
  return {
    show: (queue: Shown) => void shown.push(queue),
    adds: new Counter({ ...common, name: 'workqueue_adds_total', help: 'Keys added' }),
    retries: new Counter({
      ...common,
      name: 'workqueue_retries_total',
      help: 'Keys added again after a time',
    }),
    queueDuration: new Histogram({
      ...common,
      name: 'workqueue_queue_duration_seconds',
      help: 'How long a key waits for a worker',
      buckets: queueBuckets,
    }),
    workDuration: new Histogram({
      ...common,
      name: 'workqueue_work_duration_seconds',
      help: 'How long a key is worked on',
      buckets: queueBuckets,
    }),
  };
}

const ages = ({ working, seconds }: Shown) => [...working.values()].map((since) => seconds() - since);
