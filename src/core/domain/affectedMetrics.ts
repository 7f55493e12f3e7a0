import { type MetricKey } from './metricKeys';
import { type SourceName } from './sources';

/** The sources that each kind of figure is computed from: the one place that says so, for columns and metrics alike. */
export const sourcesOf = {
  inventory: ['service-inventory'],
  cpu: ['usage-cpu'],
  gpu: ['usage-gpu'],
  requests: ['request-logs'],
  exposed: ['exposed-request-logs'],
  countries: ['request-logs', 'country-attribution'],
  rejected: ['request-logs', 'exposed-request-logs'],
  /** Services with a request of any kind or CPU time (contract rule 10). */
  servicesSeen: ['request-logs', 'exposed-request-logs', 'usage-cpu'],
  /** Anything that is counted under the name of a service. */
  byService: ['usage-cpu', 'usage-gpu', 'request-logs', 'exposed-request-logs'],
} as const satisfies Readonly<Record<string, readonly SourceName[]>>;

/** The sources that a metric is computed from. */
export const sourcesOfMetric: Readonly<Record<MetricKey, readonly SourceName[]>> = {
  'services-count': sourcesOf.servicesSeen,
  'cpu-hours': sourcesOf.cpu,
  'gpu-hours': sourcesOf.gpu,
  'requests-sync-per-service': sourcesOf.requests,
  'requests-async-per-service': sourcesOf.requests,
  'requests-exposed-per-service': sourcesOf.exposed,
  'requests-per-user': sourcesOf.requests,
  'users-per-service': sourcesOf.requests,
  'countries-count': sourcesOf.countries,
  'countries-list': sourcesOf.countries,
};

/** The metrics that a source touches. */
export function metricsOf(source: SourceName): MetricKey[] {
  return (Object.keys(sourcesOfMetric) as MetricKey[]).filter((key) => sourcesOfMetric[key].includes(source));
}
