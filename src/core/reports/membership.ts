import { sourcesOf } from '../domain/affectedMetrics';
import { type Membership, memberships } from '../domain/membership';
import { percentages } from '../domain/shares';
import { hiddenGroups } from '../domain/smallGroups';
import { type Work } from '../runtime/turns';
import { type Cell, type Facts, orNull, type Report, type ReportContext } from './report';
import { membershipsOf } from './smallGroups';
import { statusColumn, tableReport } from './tableReport';

interface Group {
  name: Membership;
  users: Cell;
  executions: Cell;
  share: Cell;
}

const sources = sourcesOf.requests;

/** Users and executions by membership, always three rows (contract, "membership"; rule 9). */
export const membership: Report = tableReport<Group>({
  columns: [
    { name: 'membership', type: 'text', role: 'key', sources, cell: ({ name }) => name },
    { name: 'users_count', type: 'count', sources, cell: ({ users }) => users },
    { name: 'executions_count', type: 'count', sources, cell: ({ executions }) => executions },
    { name: 'percentage', type: 'percent', sources, cell: ({ share }) => share },
    statusColumn(sources),
  ],
  order: 'listed',
  items: groupsOf,
  series: { drawn: ['executions_count'], labels: ({ name }) => ({ membership: name }) },
});

/** Users between two interruptions. */
const usersAtOnce = 500;

function* groupsOf({ requests, usersAreKnown }: Facts, context: ReportContext): Work<Group[]> {
  const totals = new Map<Membership, { users: number; executions: number }>();
  let visited = 0;
  for (const [, name, count] of requests ? membershipsOf(requests, context) : []) {
    const { users, executions } = totals.get(name) ?? { users: 0, executions: 0 };
    totals.set(name, { users: users + 1, executions: executions + count });
    visited += 1;
    if (visited % usersAtOnce === 0) {
      yield;
    }
  }
  const usersOf = (name: Membership) => totals.get(name)?.users ?? 0;
  const hidden = hiddenGroups(
    memberships.map((name) => [name, usersOf(name)] as const),
    context.smallestGroup ?? 0
  );
  const executionsOf = (name: Membership) => totals.get(name)?.executions ?? 0;
  const shares = percentages(memberships.map(executionsOf));
  const none = !requests || requests.total === 0;
  return memberships.map((name, index) => ({
    name,
    users: orNull(requests, () => (hidden.has(name) || !usersAreKnown ? null : usersOf(name))),
    executions: orNull(requests, () => executionsOf(name)),
    share: none ? null : (shares[index] ?? null),
  }));
}
