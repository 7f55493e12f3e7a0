import { type Membership } from '../domain/membership';
import { hiddenGroups, isSmallGroup } from '../domain/smallGroups';
import { inGroups } from '../domain/text';
import { type UsageQuery } from '../query';
import { type KeyCounts } from '../requests/keyCounts';
import { type Work } from '../runtime/turns';
import { type Facts, type Report, type ReportContext } from './report';
import { selectionOf } from './selection';
import { areUsersHidden } from './shownUsers';

/** Users between two interruptions. */
const usersAtOnce = 500;

const nothing: ReadonlySet<string> = new Set();

const known = new WeakMap<KeyCounts, Map<string, ReadonlySet<string>>>();

/** Names of the services or countries of a span whose users are not shown (contract, option `smallestGroup`). */
export function hiddenIn(
  { requests, usersAreKnown }: Pick<Facts, 'requests' | 'usersAreKnown'>,
  by: 'service' | 'country',
  { smallestGroup = 0 }: Pick<ReportContext, 'smallestGroup'>
): ReadonlySet<string> {
  if (!requests || smallestGroup <= 1) {
    return nothing;
  }
  if (!usersAreKnown) {
    // How few these are, nobody knows.
    return new Set(requests.namesOf(by));
  }
  const ofKeys = known.get(requests) ?? new Map<string, ReadonlySet<string>>();
  known.set(requests, ofKeys);
  const name = `${by} ${smallestGroup}`;
  const hidden = ofKeys.get(name) ?? hiddenGroups(peopleBy(requests, by), smallestGroup);
  ofKeys.set(name, hidden);
  return hidden;
}

function* peopleBy(keys: KeyCounts, by: 'service' | 'country'): Iterable<readonly [string, number]> {
  for (const [name, own] of keys.groupBy(by)) {
    yield [name, own.distinct('user')];
  }
}

/** True for the summary of chosen services that few use: it is nothing else than their row. */
export function isSmallChoice(
  { requests, usersAreKnown }: Pick<Facts, 'requests' | 'usersAreKnown'>,
  { services, smallestGroup = 0 }: Pick<ReportContext, 'services' | 'smallestGroup'>
): boolean {
  if (services === undefined || requests === null) {
    return false;
  }
  return usersAreKnown ? isSmallGroup(requests.distinct('user'), smallestGroup) : smallestGroup > 1;
}

/** Users with their memberships. Of thousands of users, the parts are made only where the ways of authentication differ. */
export function* membershipsOf(
  requests: KeyCounts,
  { membershipOf }: Pick<ReportContext, 'membershipOf'>
): Iterable<readonly [user: string, membership: Membership, count: number]> {
  const auths = requests.namesOf('auth');
  if (auths.length > 1) {
    for (const [user, keys] of requests.groupBy('user')) {
      yield [user, membershipOf(user, keys.namesOf('auth')), keys.total];
    }
  } else {
    for (const [user, count] of requests.pairsOf('user')) {
      yield [user, membershipOf(user, auths), count];
    }
  }
}

/**
 * The context of a report with the users who have no row of their own: those whose membership too few share in the whole range,
 * of which `facts` are. Worked out only for a report that names users.
 */
export function* withProtectedUsers(report: Report, context: ReportContext, facts: () => Facts): Work<ReportContext> {
  const { smallestGroup = 0, query } = context;
  const namesUsers =
    report.limited?.isProtected !== undefined || selectionOf(report, query).shown.some(({ name }) => name === 'users');
  if (smallestGroup <= 1 || !namesUsers || areUsersHidden(context)) {
    return context;
  }
  const { requests } = facts();
  const users = new Map<Membership, string[]>();
  let visited = 0;
  for (const [user, membership] of requests ? membershipsOf(requests, context) : []) {
    const own = users.get(membership) ?? [];
    users.set(membership, own);
    own.push(user);
    visited += 1;
    if (visited % usersAtOnce === 0) {
      yield;
    }
  }
  const small = [...users.values()].filter(({ length }) => isSmallGroup(length, smallestGroup));
  return { ...context, protectedUsers: new Set(small.flat()) };
}

const metricsOfPeople: ReadonlyArray<UsageQuery['metric']> = [
  undefined,
  'requests-per-user',
  'users-per-service',
  'countries-count',
  'countries-list',
];

/** Says that figures of few people are left out, where a query may have some. */
export function smallGroupRemarks(query: UsageQuery, smallestGroup: number): string[] {
  const { queryType, metric, services, includeUsers, columns = [] } = query;
  const isConcerned =
    queryType === 'breakdown' ||
    queryType === 'membership' ||
    (queryType === 'metric' && metricsOfPeople.includes(metric)) ||
    (queryType === 'summary' && (services !== undefined || includeUsers === true || columns.includes('users')));
  return isConcerned && smallestGroup > 1
    ? [
        `users and countries of groups with fewer than ${inGroups(smallestGroup)} users are hidden (option smallestGroup)`,
      ]
    : [];
}
