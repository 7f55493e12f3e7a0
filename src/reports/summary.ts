import { unattributedService } from '../domain/serviceName';
import { type SourceName } from '../domain/sources';
import { attributionPercent } from '../ledger/counting';
import { attributedCountries, countriesCell, servicesIn } from './facts';
import { gpuCells, gpuColumns } from './gpuColumns';
import { type Cell, type Facts, orNull, type Report, type SeriesPoint } from './report';

const sources: readonly SourceName[] = [
  'service-inventory',
  'usage-cpu',
  'usage-gpu',
  'request-logs',
  'exposed-request-logs',
  'country-attribution',
];

/** The figures of a range on one row (contract, "summary"). */
export const summary: Report = {
  needs: () => ({ requests: true, exposed: true, cpu: true, gpu: true, inventory: true }),

  sources: () => sources,

  columns: ({ includeUsers }) => [
    { name: 'start_time', type: 'text' },
    { name: 'end_time', type: 'text' },
    { name: 'services_count_active', type: 'count' },
    { name: 'services_count_total', type: 'count' },
    { name: 'cpu_hours_total', type: 'hours' },
    { name: 'gpu_hours_total', type: 'hours' },
    { name: 'requests_count_total', type: 'count' },
    { name: 'requests_count_sync', type: 'count' },
    { name: 'requests_count_async', type: 'count' },
    { name: 'requests_count_exposed', type: 'count' },
    { name: 'countries_count', type: 'count' },
    { name: 'countries', type: 'text' },
    { name: 'users_count', type: 'count' },
    { name: 'attribution_percent', type: 'percent' },
    { name: 'completeness', type: 'text' },
    ...(includeUsers ? [{ name: 'users', type: 'text' } as const] : []),
    ...gpuColumns,
  ],

  rows(facts, { query: { includeUsers } }) {
    const { span, requests, exposed, hasCountries, cpu, gpu, deployed } = facts;
    const located = hasCountries ? requests : null;
    const types = requests?.countBy('type');
    return [
      {
        sources,
        cells: {
          start_time: new Date(span.start).toISOString(),
          end_time: new Date(span.end - 1).toISOString(),
          services_count_active: orNull(deployed, (names) => names.length),
          services_count_total: countServices(facts),
          cpu_hours_total: orNull(cpu, sumOf),
          gpu_hours_total: orNull(gpu, sumOf),
          requests_count_total: orNull(requests, (keys) => keys.total),
          requests_count_sync: orNull(requests, () => types?.get('sync') ?? 0),
          requests_count_async: orNull(requests, () => types?.get('async') ?? 0),
          requests_count_exposed: orNull(exposed, (keys) => keys.total),
          countries_count: orNull(located, (keys) => attributedCountries(keys).length),
          countries: orNull(located, countriesCell),
          users_count: orNull(requests, (keys) => keys.distinct('user')),
          attribution_percent: orNull(requests, attributionPercent),
          ...gpuCells(facts, sumOf),
          ...(includeUsers && { users: orNull(requests, (keys) => keys.namesOf('user').join('|')) }),
        },
      },
    ];
  },

  series(facts, context) {
    const [row] = summary.rows(facts, context);
    return figures.map((figure) => ({ ...figure, value: row?.cells[figure.name] ?? null }));
  },
};

/** The figures of the summary that can be drawn over time, and what each depends on. */
const figures: ReadonlyArray<Omit<SeriesPoint, 'value'>> = [
  { name: 'requests_count_sync', labels: { type: 'sync' }, unit: 'short', sources: ['request-logs'] },
  { name: 'requests_count_async', labels: { type: 'async' }, unit: 'short', sources: ['request-logs'] },
  { name: 'requests_count_exposed', labels: { type: 'exposed' }, unit: 'short', sources: ['exposed-request-logs'] },
  { name: 'requests_count_total', labels: {}, unit: 'short', sources: ['request-logs'] },
  { name: 'services_count_total', labels: {}, unit: 'short', sources: ['request-logs'] },
  { name: 'users_count', labels: {}, unit: 'short', sources: ['request-logs'] },
  { name: 'countries_count', labels: {}, unit: 'short', sources: ['country-attribution'] },
  { name: 'attribution_percent', labels: {}, unit: 'percent', sources: ['request-logs'] },
  { name: 'cpu_hours_total', labels: {}, unit: 'h', sources: ['usage-cpu'] },
  { name: 'gpu_hours_total', labels: {}, unit: 'h', sources: ['usage-gpu'] },
];

/** Services with a request of any kind or CPU time (contract rule 10); null when no such source delivered. */
function countServices({ requests, exposed, cpu }: Facts): Cell {
  if (!requests && !exposed && !cpu) {
    return null;
  }
  return servicesSeen({ requests, exposed, cpu }).length;
}

/** Names of the services with a request of any kind or CPU time, sorted. */
export function servicesSeen({ requests, exposed, cpu }: Pick<Facts, 'requests' | 'exposed' | 'cpu'>): string[] {
  const names = new Set([
    ...(requests ? servicesIn(requests) : []),
    ...(exposed ? servicesIn(exposed) : []),
    ...[...(cpu ?? [])].filter(([, hours]) => hours > 0).map(([service]) => service),
  ]);
  names.delete(unattributedService);
  return [...names].sort();
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return [...hours.values()].reduce((sum, value) => sum + value, 0);
}
