import { sourcesOf } from '../domain/affectedMetrics';
import { rejectedService } from '../domain/serviceName';
import { sourceNames } from '../domain/sources';
import { KeyCounts } from '../requests/keyCounts';
import { type Work } from '../runtime/turns';
import { countriesCell, distinctUsers, located } from './facts';
import { gpuColumns } from './gpuColumns';
import { type Cell, type Facts, orNull, type Report } from './report';
import { usersCell } from './shownUsers';
import { hiddenIn } from './smallGroups';
import { type CellColumn, statusColumn, tableReport } from './tableReport';

const { cpu, gpu, requests, exposed, countries, rejected, byService } = sourcesOf;

const none = KeyCounts.none();

/** The part of some requests that belongs to a service; null where the requests are not known. */
function partOf(keys: KeyCounts | null, service: string): KeyCounts | null {
  return keys && (keys.groupBy('service').get(service) ?? none);
}

const typeCount = (type: string) => (service: string, facts: Facts) =>
  orNull(partOf(facts.requests, service), (keys) => keys.countOf('type', type));
const hoursOf = (service: string, hours: ReadonlyMap<string, number>) => hours.get(service) ?? 0;

const columns: ReadonlyArray<CellColumn<string>> = [
  { name: 'key', type: 'text', role: 'key', sources: byService, cell: (service) => service },
  {
    name: 'requests_count_total',
    type: 'count',
    sources: requests,
    cell: (service, facts) => orNull(facts.requests, (keys) => keys.countBy('service').get(service) ?? 0),
  },
  { name: 'requests_count_sync', type: 'count', sources: requests, cell: typeCount('sync') },
  { name: 'requests_count_async', type: 'count', sources: requests, cell: typeCount('async') },
  {
    name: 'requests_count_exposed',
    type: 'count',
    sources: exposed,
    cell: (service, facts) => orNull(facts.exposed, (keys) => keys.countBy('service').get(service) ?? 0),
  },
  {
    name: 'unique_users_count',
    type: 'count',
    sources: requests,
    cell: (service, facts, context) =>
      orNull(partOf(facts.requests, service), (keys) =>
        hiddenIn(facts, 'service', context).has(service) ? null : distinctUsers(facts, keys)
      ),
  },
  {
    name: 'countries',
    type: 'text',
    sources: countries,
    cell: (service, facts, context) =>
      orNull(partOf(located(facts), service), (keys) =>
        hiddenIn(facts, 'service', context).has(service) ? '' : countriesCell(keys)
      ),
  },
  {
    name: 'cpu_hours',
    type: 'hours',
    sources: cpu,
    cell: (service, facts) => orNull(facts.cpu, (hours) => hoursOf(service, hours)),
  },
  {
    name: 'gpu_hours',
    type: 'hours',
    sources: gpu,
    cell: (service, facts) => orNull(facts.gpu, (hours) => hoursOf(service, hours)),
  },
  statusColumn(sourceNames.filter((source) => [...byService, ...countries].some((one) => one === source))),
  {
    name: 'users',
    type: 'text',
    role: 'asked',
    sources: requests,
    cell: (service, facts, context) =>
      orNull(partOf(facts.requests, service), (keys) =>
        hiddenIn(facts, 'service', context).has(service) ? '' : usersCell(keys, context)
      ),
  },
  { name: 'requests_count_rejected', type: 'count', sources: rejected, cell: rejectedOf },
  {
    name: 'requests_count_failed',
    type: 'count',
    sources: requests,
    cell: (service, facts) => orNull(partOf(facts.requests, service), (keys) => keys.countOf('outcome', 'failed')),
  },
  ...gpuColumns(hoursOf),
];

export const breakdownByService: Report = tableReport({
  columns,
  order: 'ranked',
  items: servicesOf,
  mergedBy: { key: 'service', noun: 'services' },
  lastOf: (service) => (service === rejectedService ? 'rejected' : undefined),
  series: { drawn: ['requests_count_total'], labels: (service) => ({ service }), idle: '' },
});

/** Services with a request of any kind or hours of use, and what stands for the rejected ones, if there are any. */
function* servicesOf({
  requests: called,
  exposed: reached,
  cpu: used,
  gpu: busy,
  rejected: refused,
  countsRejected,
}: Facts): Work<string[]> {
  const names = [called?.countBy('service'), reached?.countBy('service'), used, busy];
  const services = new Set(names.flatMap((ofSource) => [...(ofSource?.keys() ?? [])]));
  return [...services, ...(!countsRejected && refused !== null && refused > 0 ? [rejectedService] : [])];
}

/** Rejected requests have a name only where they count like others; else they are one row without one (contract rule 1). */
function rejectedOf(service: string, facts: Facts): Cell {
  if (!facts.countsRejected) {
    return orNull(facts.rejected, (all) => (service === rejectedService ? all : 0));
  }
  const parts = [partOf(facts.requests, service), partOf(facts.exposed, service)];
  return orNull(facts.rejected, () =>
    parts.reduce((sum, keys) => sum + (keys?.countOf('outcome', 'rejected') ?? 0), 0)
  );
}
