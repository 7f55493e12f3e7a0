/** The metric keys of the contract, in its order. */
export const metricKeys = [
  'services-count',
  'cpu-hours',
  'gpu-hours',
  'requests-sync-per-service',
  'requests-async-per-service',
  'requests-exposed-per-service',
  'requests-per-user',
  'users-per-service',
  'countries-count',
  'countries-list',
] as const;

export type MetricKey = (typeof metricKeys)[number];

/** What `metric` means when no key is named: all metrics that have one value per service. */
export const perServiceMetricKeys: readonly MetricKey[] = [
  'cpu-hours',
  'gpu-hours',
  'requests-sync-per-service',
  'requests-async-per-service',
  'requests-exposed-per-service',
  'users-per-service',
  'countries-count',
];
