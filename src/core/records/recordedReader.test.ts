import fc from 'fast-check';
import { lastValueFrom, of, throwError, toArray } from 'rxjs';

import { zone } from '../../testing/arbitraries';
import { daySpan, recordOf, type TimedRequest, timedRequests } from '../../testing/recordedDay';
import { dayMs } from '../domain/duration';
import { type Span, totalLength, unionOf } from '../domain/span';
import { type Cell } from '../requests/cell';
import { type CountReader, loadSpans } from '../requests/countReader';
import { gridOf } from '../requests/grid';
import { KeyTable } from '../requests/keyTable';
import { type BookedDay } from './recordBook';
import { recordedReader } from './recordedReader';

const booked = (requests: readonly TimedRequest[], doubt?: string): BookedDay => ({
  ...{ day: '2026-10-25', span: daySpan, record: recordOf(requests), recordedAt: '2026-10-26T03:00:00.000Z' },
  ...(doubt !== undefined && { doubt }),
});

/** Reads from a list of requests, as the logs would be, and tells which spans it was asked for. */
function readerOf(requests: readonly TimedRequest[]): { reader: CountReader; asked: Span[] } {
  const asked: Span[] = [];
  const reader: CountReader = {
    read: (spans, { table }) => {
      asked.push(...spans);
      return of(
        ...spans.map((span) => {
          const own = requests.filter(({ at }) => daySpan.start + at >= span.start && daySpan.start + at < span.end);
          const ids = own.map(({ key }) => table.intern(key));
          const distinct = Uint32Array.from(new Set(ids)).sort();
          const counts = distinct.map((id) => ids.filter((one) => one === id).length);
          return { kind: 'cell' as const, cell: { ...span, ids: distinct, counts, unparsed: 0 } };
        })
      );
    },
  };
  return { reader, asked };
}

async function read(
  days: readonly BookedDay[],
  requests: readonly TimedRequest[],
  span: Span,
  isFresh = false,
  inZone = 'utc'
) {
  const logs = readerOf(requests);
  const table = new KeyTable(() => undefined, '');
  const target = { grid: gridOf(span, inZone, 'day'), table, isFresh };
  const readers = [recordedReader(() => of(days)), logs.reader];
  const events = await lastValueFrom(loadSpans(readers, [span], target).pipe(toArray()));
  const cells = events.flatMap((event): Cell[] => (event.kind === 'cell' ? [event.cell] : []));
  expect(cells).toHaveLength(events.length);
  const total = cells.reduce((sum, { counts }) => counts.reduce((all, count) => all + count, sum), 0);
  return { cells, total, asked: logs.asked };
}

it('reads whole quarter hours from a record and all else from the logs, each request once', async () => {
  const edge = fc.integer({ min: -dayMs / 2, max: 1.5 * dayMs });
  await fc.assert(
    fc.asyncProperty(timedRequests, edge, edge, zone, async (requests, a, b, inZone) => {
      fc.pre(a !== b);
      const span = { start: daySpan.start + Math.min(a, b), end: daySpan.start + Math.max(a, b) };
      const { cells, total, asked } = await read([booked(requests)], requests, span, false, inZone);
      expect(totalLength(cells)).toBe(span.end - span.start);
      expect(unionOf(cells)).toMatchObject([span]);
      expect(total).toBe(
        requests.filter(({ at }) => daySpan.start + at >= span.start && daySpan.start + at < span.end).length
      );
      // Each end of the span cuts less than a quarter hour; two that meet are one.
      const inDay = asked.filter(({ start, end }) => start < daySpan.end && end > daySpan.start);
      const own = inDay.map(({ start, end }) => Math.min(end, daySpan.end) - Math.max(start, daySpan.start));
      expect(own.reduce((sum, length) => sum + length, 0)).toBeLessThan((2 * dayMs) / 96);
    }),
    { numRuns: 60 }
  );
});

it('asks the logs about a day that is in doubt, and where nothing that is kept may answer', async () => {
  const key = { type: 'sync', service: 'a', user: 'u', country: 'ES', auth: '', outcome: 'succeeded' } as const;
  const [recorded, logged] = [
    [{ at: 0, key }],
    [
      { at: 0, key },
      { at: 1, key },
    ],
  ];
  expect((await read([booked(recorded)], logged, daySpan)).total).toBe(1);
  expect((await read([booked(recorded, 'other options')], logged, daySpan)).total).toBe(2);
  expect((await read([booked(recorded)], logged, daySpan, true)).total).toBe(2);
});

it('leaves everything to the logs where records cannot be read', async () => {
  const reader = recordedReader(() => throwError(() => new Error('down')));
  const target = { grid: gridOf(daySpan, 'utc', 'day'), table: new KeyTable(() => undefined, ''), isFresh: false };
  expect(await lastValueFrom(reader.read([daySpan], target).pipe(toArray()))).toEqual([
    { kind: 'left', span: daySpan },
  ]);
});
