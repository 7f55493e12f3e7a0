import fc from 'fast-check';

import { type Cell } from '../requests/cell';
import { KeyTable, type RequestKey } from '../requests/keyTable';
import { countedIn } from './outcomes';

const span = { start: 0, end: 10 };

/** A view whose only cell holds these keys. */
function viewOf(list: ReadonlyArray<RequestKey & { count: number }>) {
  const table = new KeyTable(() => undefined, '');
  const counts = new Map<number, number>();
  list.forEach(({ count, ...key }) => {
    const id = table.intern(key);
    counts.set(id, (counts.get(id) ?? 0) + count);
  });
  const cell: Cell = {
    ...span,
    ids: Uint32Array.from(counts.keys()),
    counts: Uint32Array.from(counts.values()),
    unparsed: 0,
  };
  return { span, cells: [cell], missing: [], table };
}

const keys = fc.array(
  fc.record({
    type: fc.constant('sync' as const),
    service: fc.constantFrom('a', 'b'),
    user: fc.constant('u'),
    country: fc.constant('ES'),
    auth: fc.constant(''),
    outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'rejected' as const),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 12 }
);
const sum = (list: ReadonlyArray<{ count: number }>) => list.reduce((total, { count }) => total + count, 0);

it('has rejected requests apart, or among all, by the option', () => {
  fc.assert(
    fc.property(keys, keys, (requests, exposed) => {
      const views = { requests: viewOf(requests), exposed: viewOf(exposed) };
      const rejected = [...requests, ...exposed].filter(({ outcome }) => outcome === 'rejected');
      const separate = countedIn(views, span, { services: undefined, rejectedRequests: 'separate' });
      expect(separate.requests?.total).toBe(sum(requests.filter(({ outcome }) => outcome !== 'rejected')));
      expect(separate.exposed?.total).toBe(sum(exposed.filter(({ outcome }) => outcome !== 'rejected')));
      expect(separate.requests?.countOf('outcome', 'rejected')).toBe(0);
      expect(separate).toMatchObject({ rejected: sum(rejected), countsRejected: false });
      const counted = countedIn(views, span, { services: undefined, rejectedRequests: 'count' });
      expect(counted.requests?.total).toBe(sum(requests));
      expect(counted.exposed?.total).toBe(sum(exposed));
      expect(counted).toMatchObject({ rejected: sum(rejected), countsRejected: true });
    })
  );
});

it('knows no rejected requests of chosen services, unless these count by name', () => {
  fc.assert(
    fc.property(keys, (requests) => {
      const of = (rejectedRequests: 'separate' | 'count') =>
        countedIn({ requests: viewOf(requests) }, span, { services: new Set(['a']), rejectedRequests });
      const own = requests.filter(({ service }) => service === 'a');
      const rejected = own.filter(({ outcome }) => outcome === 'rejected');
      expect(of('separate').rejected).toBeNull();
      expect(of('separate').requests?.total).toBe(sum(own) - sum(rejected));
      expect(of('count').rejected).toBe(sum(rejected));
      expect(of('count').requests?.total).toBe(sum(own));
    })
  );
});

it("has the manager's rejected requests alone where the exposed ones are missing, and none without the manager's", () => {
  const view = viewOf([
    { type: 'sync', service: '', user: '', country: 'ES', auth: '', outcome: 'rejected', count: 3 },
  ]);
  const context = { services: undefined, rejectedRequests: 'separate' as const };
  expect(countedIn({ requests: view }, span, context)).toMatchObject({ rejected: 3, exposed: null });
  expect(countedIn({ exposed: view }, span, context)).toMatchObject({ rejected: null, requests: null });
});

it('parts the requests of a span once for all panels', () => {
  const views = { requests: viewOf([]) };
  const context = { services: undefined, rejectedRequests: 'separate' as const };
  const [one, other] = [countedIn(views, span, context), countedIn(views, span, context)];
  expect(one.requests).toBe(other.requests);
});
