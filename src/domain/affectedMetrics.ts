import { type MetricKey } from './metricKeys';
import { type SourceName } from './sources';

/** The sources that a metric is computed from. */
export const sourcesOfMetric: Readonly<Record<MetricKey, readonly SourceName[]>> = {
  'services-count': ['request-logs', 'exposed-request-logs', 'usage-cpu'],
  'cpu-hours': ['usage-cpu'],
  'gpu-hours': ['usage-gpu'],
  'requests-sync-per-service': ['request-logs'],
  'requests-async-per-service': ['request-logs'],
  'requests-exposed-per-service': ['exposed-request-logs'],
  'requests-per-user': ['request-logs'],
  'users-per-service': ['request-logs'],
  'countries-count': ['request-logs', 'country-attribution'],
  'countries-list': ['request-logs', 'country-attribution'],
};

/** The metrics that a source touches. */
export function metricsOf(source: SourceName): MetricKey[] {
  return (Object.keys(sourcesOfMetric) as MetricKey[]).filter((key) => sourcesOfMetric[key].includes(source));
}
