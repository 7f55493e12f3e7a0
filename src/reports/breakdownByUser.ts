import { type SourceName } from '../domain/sources';
import { compareText, countriesCell, groupBy, servicesIn, sumCounts } from './facts';
import { orNull, type Report } from './report';

const sources: readonly SourceName[] = ['request-logs', 'country-attribution'];

export const breakdownByUser: Report = {
  needs: () => ({ requests: true, exposed: false, cpu: false, gpu: false, inventory: false }),

  sources: () => sources,

  columns: () => [
    { name: 'key', type: 'text' },
    { name: 'membership', type: 'text' },
    { name: 'executions_count', type: 'count' },
    { name: 'requests_count_sync', type: 'count' },
    { name: 'requests_count_async', type: 'count' },
    { name: 'services_count', type: 'count' },
    { name: 'countries', type: 'text' },
    { name: 'completeness', type: 'text' },
  ],

  rows({ requests, hasCountries }, { membershipOf }) {
    const users = [...groupBy(requests ?? [], ({ user }) => user)].map(([user, keys]) => ({
      user,
      keys,
      count: sumCounts(keys),
    }));
    users.sort((a, b) => b.count - a.count || compareText(a.user, b.user));
    return users.map(({ user, keys, count }) => ({
      sources,
      cells: {
        key: user,
        membership: membershipOf(
          user,
          keys.map(({ auth }) => auth)
        ),
        executions_count: count,
        requests_count_sync: sumCounts(keys, ({ type }) => type === 'sync'),
        requests_count_async: sumCounts(keys, ({ type }) => type === 'async'),
        services_count: servicesIn(keys).length,
        countries: orNull(hasCountries ? keys : null, countriesCell),
      },
    }));
  },
};
