import { type SourceName } from '../domain/sources';
import { compareText } from '../domain/text';
import { KeyCounts } from '../ledger/keyCounts';
import { type OscarQuery } from '../types';
import { countriesCell, ranked } from './facts';
import { gpuCells, gpuColumns } from './gpuColumns';
import { type Facts, orNull, type Report, type Row } from './report';
import { pointsOf } from './series';

/** What the series depends on. */
const drawn: readonly SourceName[] = ['request-logs'];

const sources: readonly SourceName[] = [
  'usage-cpu',
  'usage-gpu',
  'request-logs',
  'exposed-request-logs',
  'country-attribution',
];

export const breakdownByService: Report = {
  needs: () => ({ requests: true, exposed: true, cpu: true, gpu: true, inventory: false }),

  sources: () => sources,

  columns: ({ includeUsers }) => [
    { name: 'key', type: 'text' },
    { name: 'requests_count_total', type: 'count' },
    { name: 'requests_count_sync', type: 'count' },
    { name: 'requests_count_async', type: 'count' },
    { name: 'requests_count_exposed', type: 'count' },
    { name: 'unique_users_count', type: 'count' },
    { name: 'countries', type: 'text' },
    { name: 'cpu_hours', type: 'hours' },
    { name: 'gpu_hours', type: 'hours' },
    { name: 'completeness', type: 'text' },
    ...(includeUsers ? [{ name: 'users', type: 'text' } as const] : []),
    ...gpuColumns,
  ],

  rows(facts, { query }) {
    const requests = facts.requests?.groupBy('service') ?? new Map<string, KeyCounts>();
    const exposed = facts.exposed?.groupBy('service') ?? new Map<string, KeyCounts>();
    return servicesOf(facts)
      .map((service) => rowOf(service, requests.get(service), exposed.get(service), facts, query))
      .sort(
        (a, b) =>
          Number(b.cells.requests_count_total) - Number(a.cells.requests_count_total) ||
          compareText(String(a.cells.key), String(b.cells.key))
      );
  },

  series(facts) {
    const counts = facts.requests?.countBy('service');
    const values = ranked(servicesOf(facts).map((service) => [service, counts?.get(service) ?? 0]));
    return pointsOf(facts.requests ? values : [], { name: 'requests_count_total', label: 'service', sources: drawn });
  },
};

/** Services with a request of any kind or hours of use. */
function servicesOf({ requests, exposed, cpu, gpu }: Facts): string[] {
  const names = [requests?.countBy('service'), exposed?.countBy('service'), cpu, gpu];
  return [...new Set(names.flatMap((ofSource) => [...(ofSource?.keys() ?? [])]))];
}

const none = KeyCounts.none();

function rowOf(service: string, requests = none, exposed = none, facts: Facts, { includeUsers }: OscarQuery): Row {
  const own = facts.requests && requests;
  return {
    sources,
    cells: {
      key: service,
      requests_count_total: orNull(own, (keys) => keys.total),
      requests_count_sync: orNull(own, () => requests.countOf('type', 'sync')),
      requests_count_async: orNull(own, () => requests.countOf('type', 'async')),
      requests_count_exposed: orNull(facts.exposed, () => exposed.total),
      unique_users_count: orNull(own, (keys) => keys.distinct('user')),
      countries: orNull(facts.hasCountries ? own : null, countriesCell),
      cpu_hours: orNull(facts.cpu, (hours) => hours.get(service) ?? 0),
      gpu_hours: orNull(facts.gpu, (hours) => hours.get(service) ?? 0),
      ...gpuCells(facts, (hours) => hours.get(service) ?? 0),
      ...(includeUsers && { users: orNull(own, (keys) => keys.namesOf('user').join('|')) }),
    },
  };
}
