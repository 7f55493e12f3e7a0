import { sourcesOf } from '../domain/affectedMetrics';
import { KeyCounts } from '../ledger/keyCounts';
import { countriesCell, servicesCount } from './facts';
import { type Facts, orNull, type Report, type ReportContext } from './report';
import { areUsersHidden, countsByUser, userText } from './shownUsers';
import { type CellColumn, statusColumn, tableReport } from './tableReport';

const { requests, countries } = sourcesOf;

/** A user with the number of requests; thousands of them need no parts of their own where nothing else is shown. */
type User = readonly [name: string, executions: number];

const none = KeyCounts.none();

function partOf([user]: User, { requests }: Facts, context: ReportContext): KeyCounts {
  return (areUsersHidden(context) ? requests : requests?.groupBy('user').get(user)) ?? none;
}

const columns: ReadonlyArray<CellColumn<User>> = [
  { name: 'key', type: 'text', role: 'key', sources: requests, cell: ([user], _, context) => userText(user, context) },
  {
    name: 'membership',
    type: 'text',
    sources: requests,
    // Hidden users have several: the report `membership` tells how many each.
    cell: (user, facts, context) =>
      areUsersHidden(context) ? '' : context.membershipOf(user[0], partOf(user, facts, context).namesOf('auth')),
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
  items: ({ requests }, context): Iterable<User> => (requests ? countsByUser(requests, context) : []),
  series: {
    drawn: ['executions_count'],
    labels: ([user], _, context) => ({ user: userText(user, context) }),
    idle: ['', 0],
  },
});
