import { type Membership, memberships } from '../domain/membership';
import { percentages } from '../domain/shares';
import { type SourceName } from '../domain/sources';
import { orNull, type Report } from './report';
import { pointsOf } from './series';

const sources: readonly SourceName[] = ['request-logs'];

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
    for (const [user, keys] of requests?.groupBy('user') ?? []) {
      const class_ = membershipOf(user, keys.namesOf('auth'));
      const { users, executions } = totals.get(class_) ?? { users: 0, executions: 0 };
      totals.set(class_, { users: users + 1, executions: executions + keys.total });
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
