import { type SourceName } from '../domain/sources';
import { compareText } from '../domain/text';
import { countriesCell, servicesIn } from './facts';
import { orNull, type Report } from './report';
import { pointsOf } from './series';

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
    const users = [...(requests?.groupBy('user') ?? [])].map(([user, keys]) => ({
      user,
      keys,
      count: keys.total,
      types: keys.countBy('type'),
    }));
    users.sort((a, b) => b.count - a.count || compareText(a.user, b.user));
    return users.map(({ user, keys, count, types }) => ({
      sources,
      cells: {
        key: user,
        membership: membershipOf(user, keys.namesOf('auth')),
        executions_count: count,
        requests_count_sync: types.get('sync') ?? 0,
        requests_count_async: types.get('async') ?? 0,
        services_count: servicesIn(keys).length,
        countries: orNull(hasCountries ? keys : null, countriesCell),
      },
    }));
  },

  series: (facts, context) =>
    pointsOf(breakdownByUser.rows(facts, context), { value: 'executions_count', label: 'user', key: 'key' }),
};
