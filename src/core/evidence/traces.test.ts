import { epoch } from '../../testing/arbitraries';
import { type CountedKey } from '../../testing/facts';
import { dayMs } from '../domain/duration';
import { KeyTable } from '../requests/keyTable';
import { finished } from '../runtime/turns';
import { burstsIn, publicRequestsIn } from './traces';

type Part = Partial<CountedKey> & { day: number; count: number };

function viewOf(...parts: Part[]) {
  const table = new KeyTable(() => undefined, 'auth_method');
  const days = [...new Set(parts.map(({ day }) => day))];
  const cells = days.map((day) => {
    const own = parts.filter((part) => part.day === day);
    const ids = own.map(({ day: _, count: __, ...key }) =>
      table.intern({ type: 'async', service: 'a', user: 'u', country: 'ES', auth: '', outcome: 'succeeded', ...key })
    );
    return {
      ...dayOf(day),
      ids: Uint32Array.from(ids),
      counts: Uint32Array.from(own, ({ count }) => count),
      unparsed: 0,
    };
  });
  return { table, cells };
}
const dayOf = (day: number) => ({ start: epoch + day * dayMs, end: epoch + (day + 1) * dayMs });

describe('a user with many requests in one window', () => {
  it('is found where there are none in the others, by the requests to all services', () => {
    const view = viewOf(
      { day: 0, count: 2000 },
      { day: 1, count: 600, user: 'new', service: 'a' },
      { day: 1, count: 401, user: 'new', service: 'b' },
      { day: 2, count: 1 }
    );
    expect(finished(burstsIn(view))).toEqual([{ ...dayOf(1), requests: 1001 }]);
  });

  it('is not found where there are no more than a thousand, or any elsewhere', () => {
    const view = viewOf(
      { day: 0, count: 1, user: 'known' },
      { day: 1, count: 1000, user: 'new' },
      { day: 1, count: 5000, user: 'known' }
    );
    expect(finished(burstsIn(view))).toEqual([]);
  });

  it('is not found among exposed or rejected requests, nor in a single window', () => {
    const nobody = viewOf(
      { day: 0, count: 1 },
      { day: 1, count: 5000, user: '', type: 'exposed' },
      { day: 1, count: 1 }
    );
    expect(finished(burstsIn(nobody))).toEqual([]);
    expect(finished(burstsIn(viewOf({ day: 0, count: 5000 })))).toEqual([]);
  });
});

it('counts requests from public addresses that no storage sent, on whole days', () => {
  const view = viewOf(
    { day: 0, count: 1 },
    { day: 1, count: 2 },
    { day: 1, count: 4, country: 'unknown' },
    { day: 1, count: 8, user: 'minio' },
    { day: 1, count: 16, user: 'rustfsadmin' },
    { day: 1, count: 32, user: '(none)' },
    { day: 1, count: 64, user: '', type: '', service: '', outcome: 'rejected' },
    { day: 1, count: 128, user: 'console' }
  );
  expect(finished(publicRequestsIn(view, [dayOf(1)]))).toBe(66);
  expect(finished(publicRequestsIn(view, [{ ...dayOf(1), end: dayOf(1).end - 1 }]))).toBe(0);
});
