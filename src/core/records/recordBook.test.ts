import fc from 'fast-check';

import { zone } from '../../testing/arbitraries';
import { daySpan, recordOf, type TimedRequest, timedRequests } from '../../testing/recordedDay';
import { dayMs } from '../domain/duration';
import { periodsOf } from '../domain/periods';
import { type Span, totalLength, unionOf } from '../domain/span';
import { countKeys } from '../requests/counting';
import { fitsGrid, gridOf } from '../requests/grid';
import { KeyTable } from '../requests/keyTable';
import { finished } from '../runtime/turns';
import { settingsFrom } from '../settings';
import { type DayCounts, dayAt } from './dayRecord';
import { shapingSettings } from './patterns';
import { type RecordedDay } from './readRecords';
import { bookedCells, bookedDays } from './recordBook';

const settings = settingsFrom({});
const shape = shapingSettings('requests', settings);

/** The same record of a day that is so many days later. */
function recordedDay(record: DayCounts, offset: number, refused: RecordedDay['refused'] = []): RecordedDay {
  const day = dayAt(daySpan.start + offset * dayMs);
  const recordedAt = new Date(daySpan.end + offset * dayMs).toISOString();
  const header = {
    oscarUsageRecord: 1 as const,
    family: 'requests' as const,
    ...{ day, recordedAt, product: '0.1.0', bytes: 1, digests: [], id: '' },
  };
  return { family: 'requests', day, valid: { header, record: { ...record, settings: shape } }, refused };
}

const span = fc
  .tuple(fc.integer({ min: -dayMs, max: 4 * dayMs }), fc.integer({ min: 1, max: 4 * dayMs }))
  .map(([start, length]): Span => ({ start: daySpan.start + start, end: daySpan.start + start + length }));

it('gives the days of any zone over several records, and leaves what none of them has', () => {
  fc.assert(
    fc.property(
      fc.array(timedRequests, { minLength: 3, maxLength: 3 }),
      fc.constantFrom(0, 1, 2),
      span,
      zone,
      (all, gap, asked, inZone) => {
        // The second of the days may have no record.
        const days = all.flatMap((requests, offset) =>
          offset === gap && gap === 1 ? [] : [recordedDay(recordOf(requests), offset)]
        );
        const booked = bookedDays(days, 'requests', settings);
        expect(booked.map(({ origin }) => origin.givesWay)).toEqual(booked.map(() => false));
        const table = new KeyTable(() => undefined, '');
        const grid = gridOf(asked, inZone, 'day');
        const { cells, left } = finished(bookedCells(booked, [asked], grid, table));
        expect(totalLength([...cells, ...left])).toBe(asked.end - asked.start);
        expect(unionOf([...cells, ...left])).toMatchObject([asked]);
        expect(cells.every((cell) => fitsGrid(grid, cell))).toBe(true);
        const timed = all.flatMap((requests: TimedRequest[], offset) =>
          requests.map(({ at }) => daySpan.start + offset * dayMs + at)
        );
        for (const period of periodsOf(asked, 'day', inZone)) {
          const own = cells.filter(({ start, end }) => start >= period.start && end <= period.end);
          const expected = timed.filter((time) => own.some(({ start, end }) => time >= start && time < end)).length;
          expect(countKeys({ cells, table }, period, undefined).total).toBe(expected);
        }
      }
    ),
    { numRuns: 60 }
  );
});

it('says why a record is in doubt, and when the logs are to be asked before it', () => {
  const record = recordOf([]);
  const originOf = (day: RecordedDay, today = settings) => bookedDays([day], 'requests', today)[0]?.origin;
  const doubtOf = (day: RecordedDay, today = settings) => originOf(day, today)?.doubt;
  expect(doubtOf(recordedDay(record, 0))).toBeUndefined();
  expect(doubtOf(recordedDay(record, 0), settingsFrom({ requestSelector: '{a="b"}' }))).toBe(
    'it was counted with other options: requestSelector'
  );
  expect(doubtOf(recordedDay(record, 0, [{ recordedAt: '2026-10-27T00:00:00.000Z', reason: 'cut' }]))).toBe(
    'a newer record, of 2026-10-27T00:00:00.000Z, is not valid: cut'
  );
  const doubted = recordOf([], { mode: 'plain' }, [{ effect: 'doubt', note: 'forged' }]);
  expect(originOf(recordedDay(doubted, 0))).toMatchObject({ doubt: undefined, givesWay: true });
  expect(originOf(recordedDay(recordOf([], { mode: 'none' }), 0))).toMatchObject({ doubt: undefined, givesWay: true });
  expect(originOf(recordedDay(record, 0))).toMatchObject({ givesWay: false });
  expect(bookedDays([recordedDay(record, 0)], 'exposed', settings)).toEqual([]);
});
