import fc from 'fast-check';

import { zone } from '../../testing/arbitraries';
import { daySpan, recordOf, type TimedRequest, timedRequests, viewOf } from '../../testing/recordedDay';
import { quarterHourMs } from '../domain/duration';
import { membershipClassifier } from '../domain/membership';
import { periodsOf } from '../domain/periods';
import { clip, type Span, totalLength, unionOf } from '../domain/span';
import { countKeys } from '../requests/counting';
import { fitsGrid, gridOf } from '../requests/grid';
import { KeyTable, type RequestKey } from '../requests/keyTable';
import { countsOf } from './countsOf';
import { isComplete } from './dayRecord';
import { numbersIn, recordedCells } from './recordedCells';

const quarters = fc
  .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }))
  .map(([start, length]): Span => ({
    start: daySpan.start + start * quarterHourMs,
    end: Math.min(daySpan.end, daySpan.start + (start + length) * quarterHourMs),
  }));

/** Requests by key, as texts. */
function countsByKey(requests: ReadonlyArray<{ key: RequestKey; count: number }>): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { key, count } of requests) {
    const text = JSON.stringify(key);
    counts.set(text, (counts.get(text) ?? 0) + count);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const inSpan = (requests: readonly TimedRequest[], { start, end }: Span) =>
  requests.filter(({ at }) => daySpan.start + at >= start && daySpan.start + at < end);

function cellsOf(requests: readonly TimedRequest[], span: Span, inZone = 'utc') {
  const record = recordOf(requests);
  const table = new KeyTable(() => undefined, '');
  const grid = gridOf(span, inZone, 'day');
  return { table, grid, ...recordedCells(record, daySpan, span, grid, numbersIn(table, record)) };
}

it('gives the requests of whole quarter hours, and when services were first and last called', () => {
  fc.assert(
    fc.property(timedRequests, quarters, (requests, span) => {
      const { cells, left, table } = cellsOf(requests, span);
      expect(left).toEqual([]);
      expect(cells).toHaveLength(1);
      const [cell] = cells;
      const counted = Array.from(cell?.ids ?? [], (id, index) => ({
        key: table.keyOf(id),
        count: cell?.counts[index] ?? 0,
      }));
      const own = inSpan(requests, span);
      expect(countsByKey(counted)).toEqual(countsByKey(own.map(({ key }) => ({ key, count: 1 }))));
      const { services = [], first = [], last = [] } = cell?.seen ?? {};
      for (const service of ['yolo', 'cowsay', 'a']) {
        const times = own.filter(({ key }) => key.service === service).map(({ at }) => daySpan.start + at);
        const index = services.indexOf(service);
        expect(index >= 0).toBe(times.length > 0);
        if (times.length > 0) {
          expect([first[index], last[index]]).toEqual([Math.min(...times), Math.max(...times)]);
        }
      }
    }),
    { numRuns: 60 }
  );
});

it('gives the days of any time zone exactly, in cells that cross none of them', () => {
  fc.assert(
    fc.property(timedRequests, zone, (requests, inZone) => {
      const { cells, left, table, grid } = cellsOf(requests, daySpan, inZone);
      expect(left).toEqual([]);
      expect(unionOf(cells)).toMatchObject([daySpan]);
      expect(cells.every((cell) => fitsGrid(grid, cell))).toBe(true);
      const view = { cells, table };
      for (const period of periodsOf(daySpan, 'day', inZone)) {
        expect(countKeys(view, period, undefined).total).toBe(inSpan(requests, period).length);
      }
    }),
    { numRuns: 60 }
  );
});

it('leaves parts of quarter hours and lost ones to others, and covers the span exactly once', () => {
  const offset = fc.integer({ min: 0, max: daySpan.end - daySpan.start });
  fc.assert(
    fc.property(timedRequests, fc.tuple(offset, offset), quarters, zone, (requests, [a, b], gone, inZone) => {
      const span = { start: daySpan.start + Math.min(a, b), end: daySpan.start + Math.max(a, b) };
      const findings = [{ effect: 'lost' as const, kind: 'expired' as const, spans: [gone], note: 'gone' }];
      const record = recordOf(requests, { mode: 'plain' }, findings);
      expect(isComplete(record)).toBe(false);
      const table = new KeyTable(() => undefined, '');
      const grid = gridOf(span, inZone, 'hour');
      const { cells, left } = recordedCells(record, daySpan, span, grid, numbersIn(table, record));
      const all = [...cells, ...left];
      expect(totalLength(all)).toBe(span.end - span.start);
      expect(unionOf(all)).toMatchObject(span.start < span.end ? [span] : []);
      expect(clip(cells, gone)).toEqual([]);
      for (const cell of cells) {
        expect(countKeys({ cells: [cell], table }, cell, undefined).total).toBe(inSpan(requests, cell).length);
      }
    }),
    { numRuns: 60 }
  );
});

it('takes quarter hours that no cell covers for lost, and refuses cells that cross one', () => {
  const { view, seen } = viewOf([]);
  const about = {
    family: 'requests' as const,
    day: daySpan,
    seen,
    findings: [],
    patterns: 1,
    settings: {},
    users: { mode: 'plain' as const },
    membershipOf: membershipClassifier([], undefined),
  };
  const [first, second, ...rest] = view.cells;
  const holed = { ...view, cells: [{ ...first!, end: first!.start + 1000 }, ...rest] };
  expect(countsOf({ ...about, view: holed }).findings).toEqual([
    {
      effect: 'lost',
      kind: 'unread',
      spans: [{ start: first!.start, end: second!.end }],
      note: 'it could not be read',
    },
  ]);
  const crossing = { ...view, cells: [{ ...first!, end: second!.end }, ...rest] };
  expect(() => countsOf({ ...about, view: crossing })).toThrow(RangeError);
});

it('keeps hashed users distinct with their membership, and names nobody where users are not recorded', () => {
  const key = {
    type: 'sync',
    service: 'yolo',
    user: 'a@b',
    country: 'ES',
    auth: 'oidc',
    outcome: 'succeeded',
  } as const;
  const requests = ['a@b', 'c@d', 'nil', 'somebody'].map((user, at) => ({ at, key: { ...key, user } }));
  const hashed = recordOf(requests, { mode: 'hashed', key: 'a secret' });
  expect(hashed.names.user).toHaveLength(4);
  expect(hashed.names.user).toContain('nil');
  expect(hashed.names.user.join()).not.toMatch(/@|somebody/);
  expect([...(hashed.memberships ?? [])].sort()).toEqual(['external', 'member', 'member', 'unknown']);
  expect(recordOf(requests, { mode: 'hashed', key: 'a secret' })).toEqual(hashed);
  const other = recordOf(requests, { mode: 'hashed', key: 'another secret' });
  expect(other.users).not.toEqual(hashed.users);
  expect(other.names.user.filter((name) => hashed.names.user.includes(name))).toEqual(['nil']);
  // A way of authentication decides before the rules, and cannot be told of users without names later on.
  const byAuth = recordOf(requests, { mode: 'none' });
  expect([byAuth.memberships, byAuth.names.auth]).toEqual([['member'], ['']]);
  const none = recordOf(
    requests.map((one) => ({ ...one, key: { ...one.key, auth: '' } })),
    { mode: 'none' }
  );
  expect(none.names.user).toEqual(['', '', '']);
  expect(none.memberships).toEqual(['external', 'member', 'unknown']);
  expect([...none.rows.counts].sort()).toEqual([1, 1, 2]);
});
