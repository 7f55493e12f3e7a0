import { sourcesOf } from '../domain/affectedMetrics';
import { othersKey } from '../domain/others';
import { KeyCounts } from '../ledger/keyCounts';
import { type Work } from '../turns';
import { countriesCell, servicesCount } from './facts';
import { type Facts, orNull, type Report } from './report';
import { type CellColumn, statusColumn, tableReport } from './tableReport';

const { requests, countries } = sourcesOf;

/** A user with the number of requests; thousands of them need no parts of their own where nothing else is shown. */
type User = readonly [name: string, executions: number];

const none = KeyCounts.none();

function partOf([user]: User, facts: Facts): KeyCounts {
  return facts.requests?.groupBy('user').get(user) ?? none;
}

const columns: ReadonlyArray<CellColumn<User>> = [
  { name: 'key', type: 'text', role: 'key', sources: requests, cell: ([user]) => user },
  {
    name: 'membership',
    type: 'text',
    sources: requests,
    // The others may be of any membership.
    cell: (user, facts, { membershipOf }) =>
      facts.unmerged && user[0] === othersKey ? '' : membershipOf(user[0], partOf(user, facts).namesOf('auth')),
  },
  { name: 'executions_count', type: 'count', sources: requests, cell: ([, executions]) => executions },
  ...(['sync', 'async'] as const).map((type): CellColumn<User> => ({
    name: `requests_count_${type}`,
    type: 'count',
    sources: requests,
    cell: (user, facts) => partOf(user, facts).countOf('type', type),
  })),
  {
    name: 'services_count',
    type: 'count',
    sources: requests,
    cell: (user, facts) => servicesCount(partOf(user, facts)),
  },
  {
    name: 'countries',
    type: 'text',
    sources: countries,
    cell: (user, facts) => orNull(facts.hasCountries ? partOf(user, facts) : null, countriesCell),
  },
  statusColumn(countries),
];

export const breakdownByUser: Report = tableReport({
  columns,
  order: 'ranked',
  *items({ requests: called }): Work<Iterable<User>> {
    return called?.pairsOf('user') ?? [];
  },
  mergedBy: { key: 'user', noun: 'users' },
  series: { drawn: ['executions_count'], labels: ([user]) => ({ user }), idle: ['', 0] },
});
