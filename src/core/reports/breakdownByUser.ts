import { sourcesOf } from '../domain/affectedMetrics';
import { othersKey } from '../domain/others';
import { KeyCounts } from '../requests/keyCounts';
import { type Work } from '../runtime/turns';
import { countriesCell, servicesCount } from './facts';
import { type Facts, orNull, type Report, type ReportContext } from './report';
import { areUsersHidden, keysByUser } from './shownUsers';
import { type CellColumn, statusColumn, tableReport } from './tableReport';

const { requests, countries } = sourcesOf;

/** A user with the number of requests; thousands of them need no parts of their own where nothing else is shown. */
type User = readonly [name: string, executions: number];

const none = KeyCounts.none();

function partOf([user]: User, { requests: called }: Facts, context: ReportContext): KeyCounts {
  return (called && keysByUser(called, context).groupBy('user').get(user)) ?? none;
}

const columns: ReadonlyArray<CellColumn<User>> = [
  { name: 'key', type: 'text', role: 'key', sources: requests, cell: ([user]) => user },
  {
    name: 'membership',
    type: 'text',
    sources: requests,
    // The others, as hidden users, may be of any membership.
    cell: (user, facts, context) =>
      areUsersHidden(context) || (facts.unmerged && user[0] === othersKey)
        ? ''
        : context.membershipOf(user[0], partOf(user, facts, context).namesOf('auth')),
  },
  { name: 'executions_count', type: 'count', sources: requests, cell: ([, executions]) => executions },
  ...(['sync', 'async'] as const).map((type): CellColumn<User> => ({
    name: `requests_count_${type}`,
    type: 'count',
    sources: requests,
    cell: (user, facts, context) => partOf(user, facts, context).countOf('type', type),
  })),
  {
    name: 'services_count',
    type: 'count',
    sources: requests,
    cell: (user, facts, context) => servicesCount(partOf(user, facts, context)),
  },
  {
    name: 'countries',
    type: 'text',
    sources: countries,
    cell: (user, facts, context) => orNull(facts.hasCountries ? partOf(user, facts, context) : null, countriesCell),
  },
  statusColumn(countries),
];

export const breakdownByUser: Report = tableReport({
  columns,
  order: 'ranked',
  *items({ requests: called }, context): Work<Iterable<User>> {
    return called ? keysByUser(called, context).pairsOf('user') : [];
  },
  mergedBy: { key: 'user', noun: 'users' },
  series: { drawn: ['executions_count'], labels: ([user]) => ({ user }), idle: ['', 0] },
});
