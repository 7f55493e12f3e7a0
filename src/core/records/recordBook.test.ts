import fc from 'fast-check';

import { zone } from '../../testing/arbitraries';
import { daySpan, recordOf, type TimedRequest, timedRequests } from '../../testing/recordedDay';
import { dayMs } from '../domain/duration';
import { periodsOf } from '../domain/periods';
import { type Span, totalLength, unionOf } from '../domain/span';
import { countKeys } from '../requests/counting';
import { fitsGrid, gridOf } from '../requests/grid';
import { KeyTable } from '../requests/keyTable';
import { settingsFrom } from '../settings';
import { type DayCounts, dayAt } from './dayRecord';
import { shapingSettings } from './patterns';
import { type RecordedDay } from './readRecords';
import { bookedCells, bookedDays, usersAreKnown } from './recordBook';

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
        expect(booked.map(({ doubt }) => doubt)).toEqual(booked.map(() => undefined));
        const table = new KeyTable(() => undefined, '');
        const grid = gridOf(asked, inZone, 'day');
        const { cells, left } = bookedCells(booked, [asked], grid, table);
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

it('says why the logs are to be asked before a record', () => {
  const record = recordOf([]);
  const doubtOf = (day: RecordedDay, today = settings) => bookedDays([day], 'requests', today)[0]?.doubt;
  expect(doubtOf(recordedDay(record, 0))).toBeUndefined();
  expect(doubtOf(recordedDay(record, 0), settingsFrom({ requestSelector: '{a="b"}' }))).toBe(
    'it was counted with other options: requestSelector'
  );
  expect(doubtOf(recordedDay(record, 0, [{ recordedAt: '2026-10-27T00:00:00.000Z', reason: 'cut' }]))).toBe(
    'a newer record, of 2026-10-27T00:00:00.000Z, is not valid: cut'
  );
  const doubted = recordOf([], { mode: 'plain' }, [{ effect: 'doubt', note: 'forged' }]);
  expect(doubtOf(recordedDay(doubted, 0))).toBe('it was not complete when it was recorded');
  expect(doubtOf(recordedDay(recordOf([], { mode: 'none' }), 0))).toBe('its users are not those of the logs');
  expect(bookedDays([recordedDay(record, 0)], 'exposed', settings)).toEqual([]);
});

it('knows whether users can be told apart', () => {
  const booked = (...records: DayCounts[]) =>
    bookedDays(
      records.map((record, offset) => recordedDay(record, offset)),
      'requests',
      settings
    );
  const [plain, none] = [recordOf([]), recordOf([], { mode: 'none' })];
  const [hashed, other] = ['one', 'other'].map((key) => recordOf([], { mode: 'hashed', key })) as [
    DayCounts,
    DayCounts,
  ];
  expect(usersAreKnown(booked(plain, plain), true)).toBe(true);
  expect(usersAreKnown(booked(hashed, hashed), false)).toBe(true);
  expect(usersAreKnown(booked(hashed, hashed), true)).toBe(false);
  expect(usersAreKnown(booked(hashed, other), false)).toBe(false);
  expect(usersAreKnown(booked(plain, hashed), false)).toBe(false);
  expect(usersAreKnown(booked(none), false)).toBe(false);
  expect(usersAreKnown([], true)).toBe(true);
});
