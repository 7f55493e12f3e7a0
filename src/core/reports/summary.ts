import { sourcesOf } from '../domain/affectedMetrics';
import { unattributedService } from '../domain/serviceName';
import { sourceNames } from '../domain/sources';
import { exactSum } from '../domain/sums';
import { isoTime } from '../domain/text';
import { attributionPercent } from '../requests/counting';
import { attributedCountries, countriesCell, distinctUsers, located, servicesIn } from './facts';
import { gpuColumns } from './gpuColumns';
import { type Cell, type Facts, orNull, type Report } from './report';
import { usersCell } from './shownUsers';
import { isSmallChoice } from './smallGroups';
import { type CellColumn, statusColumn, tableReport } from './tableReport';

const { inventory, cpu, gpu, requests, exposed, countries, rejected, servicesSeen: seen } = sourcesOf;

const typeCount = (type: string) => (facts: Facts) =>
  orNull(facts.requests, (keys) => keys.countBy('type').get(type) ?? 0);

const columns: ReadonlyArray<CellColumn<Facts>> = [
  { name: 'start_time', type: 'text', sources: [], cell: ({ span }) => isoTime(span.start) },
  { name: 'end_time', type: 'text', sources: [], cell: ({ span }) => isoTime(span.end - 1) },
  {
    name: 'services_count_active',
    type: 'count',
    sources: inventory,
    cell: ({ deployed }) => orNull(deployed, (names) => names.length),
  },
  { name: 'services_count_total', type: 'count', sources: seen, cell: countServices },
  { name: 'cpu_hours_total', type: 'hours', sources: cpu, cell: (facts) => orNull(facts.cpu, sumOf) },
  { name: 'gpu_hours_total', type: 'hours', sources: gpu, cell: (facts) => orNull(facts.gpu, sumOf) },
  {
    name: 'requests_count_total',
    type: 'count',
    sources: requests,
    cell: (facts) => orNull(facts.requests, (keys) => keys.total),
  },
  { name: 'requests_count_sync', type: 'count', sources: requests, cell: typeCount('sync') },
  { name: 'requests_count_async', type: 'count', sources: requests, cell: typeCount('async') },
  {
    name: 'requests_count_exposed',
    type: 'count',
    sources: exposed,
    cell: (facts) => orNull(facts.exposed, (keys) => keys.total),
  },
  {
    name: 'countries_count',
    type: 'count',
    sources: countries,
    cell: (facts, _, context) =>
      orNull(located(facts), (keys) => (isSmallChoice(facts, context) ? null : attributedCountries(keys).length)),
  },
  {
    name: 'countries',
    type: 'text',
    sources: countries,
    cell: (facts, _, context) =>
      orNull(located(facts), (keys) => (isSmallChoice(facts, context) ? '' : countriesCell(keys))),
  },
  {
    name: 'users_count',
    type: 'count',
    sources: requests,
    cell: (facts, _, context) =>
      orNull(facts.requests, (keys) => (isSmallChoice(facts, context) ? null : distinctUsers(facts, keys))),
  },
  // How many requests have a country is known exactly, also where that is too few to trust the countries.
  {
    name: 'attribution_percent',
    type: 'percent',
    sources: requests,
    cell: (facts) => orNull(facts.requests, attributionPercent),
  },
  statusColumn(sourceNames.filter((source) => source !== 'user-roster')),
  {
    name: 'users',
    type: 'text',
    role: 'asked',
    sources: requests,
    cell: (facts, _, context) =>
      orNull(facts.requests, (keys) => (isSmallChoice(facts, context) ? '' : usersCell(keys, context))),
  },
  { name: 'requests_count_rejected', type: 'count', sources: rejected, cell: (facts) => facts.rejected },
  {
    name: 'requests_count_failed',
    type: 'count',
    sources: requests,
    cell: (facts) => orNull(facts.requests, (keys) => keys.countOf('outcome', 'failed')),
  },
  ...gpuColumns<Facts>((_, hours) => sumOf(hours)),
];

const types: Readonly<Record<string, string>> = {
  requests_count_sync: 'sync',
  requests_count_async: 'async',
  requests_count_exposed: 'exposed',
};

/** The figures of a range on one row (contract, "summary"). */
export const summary: Report = tableReport({
  columns,
  order: 'fixed',
  *items(facts) {
    return [facts];
  },
  series: {
    drawn: [
      'services_count_total',
      'cpu_hours_total',
      'gpu_hours_total',
      'requests_count_total',
      'requests_count_sync',
      'requests_count_async',
      'requests_count_exposed',
      'countries_count',
      'users_count',
      'attribution_percent',
    ],
    labels: (_, column): Readonly<Record<string, string>> => {
      const type = types[column];
      return type === undefined ? {} : { type };
    },
  },
});

/**
 * Services with a request of any kind or CPU time. Without the manager's requests null, because these are most of it; without
 * another source the number of those that are known (contract rule 10).
 */
export function countServices(facts: Facts): Cell {
  return orNull(facts.requests, () => servicesSeen(facts).length);
}

/** Names of the services with a request of any kind or CPU time, sorted. */
export function servicesSeen({ requests: called, exposed: reached, cpu: used }: Facts): string[] {
  const names = new Set([
    ...(called ? servicesIn(called) : []),
    ...(reached ? servicesIn(reached) : []),
    ...[...(used ?? [])].filter(([, hours]) => hours > 0).map(([service]) => service),
  ]);
  names.delete(unattributedService);
  return [...names].sort();
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return exactSum(hours.values());
}
