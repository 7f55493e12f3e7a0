import { type Membership, memberships } from '../domain/membership';
import { percentages } from '../domain/shares';
import { type SourceName } from '../domain/sources';
import { type KeyCounts } from '../ledger/keyCounts';
import { orNull, type Report } from './report';
import { pointsOf } from './series';

const sources: readonly SourceName[] = ['request-logs'];

/** Users with their ways of authentication and requests. Of thousands of users, the parts are made only where those differ. */
function usersOf(requests: KeyCounts): Array<readonly [user: string, auths: readonly string[], count: number]> {
  const auths = requests.namesOf('auth');
  return auths.length > 1
    ? Array.from(requests.groupBy('user'), ([user, keys]) => [user, keys.namesOf('auth'), keys.total] as const)
    : requests.entriesOf('user').map(([user, count]) => [user, auths, count] as const);
}

/** Users and executions by membership, always three rows (contract, "membership"; rule 9). */
export const membership: Report = {
  needs: () => ({ requests: true, exposed: false, cpu: false, gpu: false, inventory: false }),

  sources: () => sources,

  columns: () => [
    { name: 'membership', type: 'text' },
    { name: 'users_count', type: 'count' },
    { name: 'executions_count', type: 'count' },
    { name: 'percentage', type: 'percent' },
    { name: 'completeness', type: 'text' },
  ],

  rows({ requests }, { membershipOf }) {
    const totals = new Map<Membership, { users: number; executions: number }>();
    for (const [user, auths, count] of requests ? usersOf(requests) : []) {
      const class_ = membershipOf(user, auths);
      const { users, executions } = totals.get(class_) ?? { users: 0, executions: 0 };
      totals.set(class_, { users: users + 1, executions: executions + count });
    }
    const executionsOf = (class_: Membership) => totals.get(class_)?.executions ?? 0;
    const shares = percentages(memberships.map(executionsOf));
    const none = !requests || requests.total === 0;
    return memberships.map((class_, index) => ({
      sources,
      cells: {
        membership: class_,
        users_count: orNull(requests, () => totals.get(class_)?.users ?? 0),
        executions_count: orNull(requests, () => executionsOf(class_)),
        percentage: none ? null : (shares[index] ?? null),
      },
    }));
  },

  series(facts, context) {
    const rows = membership.rows(facts, context);
    const values = Array.from(rows, ({ cells }) => [String(cells.membership), cells.executions_count ?? null] as const);
    return pointsOf(values, { name: 'executions_count', label: 'membership', sources });
  },
};
