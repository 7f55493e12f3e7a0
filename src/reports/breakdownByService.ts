import { type SourceName } from '../domain/sources';
import { compareText, countriesCell, type CountedKey, distinct, groupBy, sumCounts } from './facts';
import { type Facts, orNull, type Report, type Row } from './report';

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
  ],

  rows(facts) {
    const requests = groupBy(facts.requests ?? [], ({ service }) => service);
    const exposed = groupBy(facts.exposed ?? [], ({ service }) => service);
    const services = new Set([
      ...requests.keys(),
      ...exposed.keys(),
      ...(facts.cpu?.keys() ?? []),
      ...(facts.gpu?.keys() ?? []),
    ]);
    return [...services]
      .map((service) => rowOf(service, requests.get(service) ?? [], exposed.get(service) ?? [], facts))
      .sort(
        (a, b) =>
          Number(b.cells.requests_count_total) - Number(a.cells.requests_count_total) ||
          compareText(String(a.cells.key), String(b.cells.key))
      );
  },
};

function rowOf(service: string, ownRequests: CountedKey[], ownExposed: CountedKey[], facts: Facts): Row {
  const requests = facts.requests && ownRequests;
  const users = requests && distinct(requests, ({ user }) => user);
  return {
    sources,
    cells: {
      key: service,
      requests_count_total: orNull(requests, (keys) => sumCounts(keys)),
      requests_count_sync: orNull(requests, (keys) => sumCounts(keys, ({ type }) => type === 'sync')),
      requests_count_async: orNull(requests, (keys) => sumCounts(keys, ({ type }) => type === 'async')),
      requests_count_exposed: orNull(facts.exposed, () => sumCounts(ownExposed)),
      unique_users_count: orNull(users, (names) => names.length),
      countries: orNull(facts.hasCountries ? requests : null, countriesCell),
      cpu_hours: orNull(facts.cpu, (hours) => hours.get(service) ?? 0),
      gpu_hours: orNull(facts.gpu, (hours) => hours.get(service) ?? 0),
      users: orNull(users, (names) => names.join('|')),
    },
  };
}
