import fc from 'fast-check';
import { lastValueFrom, of, throwError, toArray } from 'rxjs';

import { zone } from '../../testing/arbitraries';
import { daySpan, recordOf, type TimedRequest, timedRequests } from '../../testing/recordedDay';
import { type Finding } from '../completeness/findings';
import { dayMs, quarterHourMs } from '../domain/duration';
import { type Span, totalLength, unionOf } from '../domain/span';
import { type Cell } from '../requests/cell';
import { type CountReader, loadSpans } from '../requests/countReader';
import { gridOf } from '../requests/grid';
import { KeyTable } from '../requests/keyTable';
import { RecordOrigin } from './recordBook';
import { recordedReader } from './recordedReader';
import { type UsableDay } from './usableDays';

function booked(requests: readonly TimedRequest[], areLinesGone = false, findings: readonly Finding[] = []): UsableDay {
  const record = recordOf(requests, { mode: 'plain' }, findings);
  const origin = new RecordOrigin('2026-10-25', daySpan, '2026-10-26T03:00:00.000Z', record, []);
  return { origin, record, areLinesGone };
}

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

async function read(days: readonly UsableDay[], requests: readonly TimedRequest[], span: Span, inZone = 'utc') {
  const logs = readerOf(requests);
  const table = new KeyTable(() => undefined, '');
  const target = { grid: gridOf(span, inZone, 'day'), table, isFresh: false };
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
      const { cells, total, asked } = await read([booked(requests)], requests, span, inZone);
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

it('asks the logs for what a record lost, and takes it for missing where the lines are gone', async () => {
  const key = { type: 'sync', service: 'a', user: 'u', country: 'ES', auth: '', outcome: 'succeeded' } as const;
  const lost = { start: daySpan.start, end: daySpan.start + 2 * quarterHourMs };
  const findings: Finding[] = [{ effect: 'lost', kind: 'unread', spans: [lost], note: 'it could not be read' }];
  const logged = [
    { at: 0, key },
    { at: dayMs / 2, key },
  ];
  const { total, asked } = await read([booked(logged, false, findings)], logged, daySpan);
  expect([total, asked]).toEqual([2, [lost]]);
  const table = new KeyTable(() => undefined, '');
  const target = { grid: gridOf(daySpan, 'utc', 'day'), table, isFresh: false };
  const readers = [recordedReader(() => of([booked(logged, true, findings)])), readerOf(logged).reader];
  const events = await lastValueFrom(loadSpans(readers, [daySpan], target).pipe(toArray()));
  expect(events.flatMap((event) => (event.kind === 'missing' ? [event.missing] : []))).toMatchObject([lost]);
});

it('leaves everything to the logs where records cannot be read', async () => {
  const reader = recordedReader(() => throwError(() => new Error('down')));
  const target = { grid: gridOf(daySpan, 'utc', 'day'), table: new KeyTable(() => undefined, ''), isFresh: false };
  expect(await lastValueFrom(reader.read([daySpan], target).pipe(toArray()))).toEqual([
    { kind: 'left', span: daySpan },
  ]);
});
