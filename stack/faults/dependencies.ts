import { type Row } from '../conformance/frames';
import { type EngineName } from './schedule';

// Which figure comes from where, written down a second time on purpose: the plugin's own table is what is tested.

const sourcesOfColumn: Readonly<Record<string, readonly string[]>> = {
  services_count_active: ['service-inventory'],
  services_count_total: ['request-logs', 'exposed-request-logs', 'usage-cpu'],
  cpu_hours_total: ['usage-cpu'],
  cpu_hours: ['usage-cpu'],
  gpu_hours_total: ['usage-gpu'],
  gpu_hours: ['usage-gpu'],
  requests_count_total: ['request-logs'],
  requests_count_sync: ['request-logs'],
  requests_count_async: ['request-logs'],
  requests_count_exposed: ['exposed-request-logs'],
  // What cannot be told of the ingress is flagged; it is null only without the manager's lines.
  requests_count_rejected: ['request-logs', 'exposed-request-logs'],
  requests_count_failed: ['request-logs'],
  executions_count: ['request-logs'],
  request_count: ['request-logs', 'country-attribution'],
  countries_count: ['request-logs', 'country-attribution'],
  countries: ['request-logs', 'country-attribution'],
  attribution_percent: ['request-logs', 'country-attribution'],
  users: ['request-logs'],
  users_count: ['request-logs', 'user-roster'],
  unique_users_count: ['request-logs'],
  services_count: ['request-logs'],
};

const sourcesOfMetric: Readonly<Record<string, readonly string[]>> = {
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

/** The sources that a cell depends on; undefined where only the report as a whole tells. */
export function sourcesOfCell(queryType: string, column: string, row: Row): readonly string[] | undefined {
  if (queryType === 'metric' && column === 'value') {
    return sourcesOfMetric[String(row.metric)];
  }
  return sourcesOfColumn[column];
}

const engineOfSource: Readonly<Record<string, EngineName>> = {
  'service-inventory': 'prometheus',
  'usage-cpu': 'prometheus',
  'usage-gpu': 'prometheus',
  'request-logs': 'loki',
  'exposed-request-logs': 'loki',
  'country-attribution': 'loki',
};

/** The engine that a source is read from; undefined for the roster, which is an option. */
export function engineOf(source: string): EngineName | undefined {
  return engineOfSource[source];
}
