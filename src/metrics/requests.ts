import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestReport } from '#kube/client/requests.ts';

/** The metrics of requests to the API server: those of client-go, and ours by verb and resource. */
export function requestMetrics(registry: Registry): (report: RequestReport) => void {
  const registers = [registry];
  const byMethod = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by HTTP method and status code',
    labelNames: ['code', 'method', 'host'],
    registers,
  });
  const byVerb = new Counter({
    name: 'dormouse_api_requests_total',
    help: 'Requests to the API server by verb and resource',
    labelNames: ['verb', 'resource', 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'dormouse_api_request_duration_seconds',
    help: 'From sending a request to the head of its answer',
    labelNames: ['verb', 'resource'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  return ({ verb, resource, method, host, seconds, code = '<error>' }) => {
    byMethod.inc({ code, method, host });
    byVerb.inc({ verb, resource, code });
    duration.observe({ verb, resource }, seconds);
  };
}
