import { type SourceName } from '../domain/sources';
import { compareText } from '../domain/text';
import { type KeyCounts } from '../ledger/keyCounts';
import { countriesCell, ranked, servicesCount } from './facts';
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

  *rows({ requests, hasCountries }, { membershipOf }) {
    const users = [...(requests?.groupBy('user') ?? [])].map(([user, keys]) => ({ user, keys, count: keys.total }));
    users.sort((a, b) => b.count - a.count || compareText(a.user, b.user));
    for (const { user, keys } of users) {
      yield {
        sources,
        cells: {
          key: user,
          membership: membershipOf(user, keys.namesOf('auth')),
          ...executionsOf(keys),
          services_count: servicesCount(keys),
          countries: orNull(hasCountries ? keys : null, countriesCell),
        },
      };
    }
  },

  series: ({ requests }) =>
    pointsOf(ranked(requests?.entriesOf('user') ?? []), { name: 'executions_count', label: 'user', sources }),
};

/** How often a user, or whoever else a part of the requests belongs to, executed services, in columns of the contract. */
export function executionsOf(
  keys: KeyCounts
): Record<'executions_count' | `requests_count_${'sync' | 'async'}`, number> {
  return {
    executions_count: keys.total,
    requests_count_sync: keys.countOf('type', 'sync'),
    requests_count_async: keys.countOf('type', 'async'),
  };
}
