import fc from 'fast-check';

import { zone } from '../../testing/arbitraries';
import { daySpan } from '../../testing/recordedDay';
import { type Finding } from '../completeness/findings';
import { dayMs, minuteMs, quarterHourMs } from '../domain/duration';
import { gapsIn, type Span, totalLength } from '../domain/span';
import { type UsageView } from '../hours/view';
import { windowsIn } from '../hours/windows';
import { bookedHours } from './bookedHours';
import { dayAt, type DayHours, quarterOf, quartersInDay } from './dayRecord';
import { hoursOf } from './hoursOf';
import { type BookedDay, RecordOrigin } from './recordBook';

/** Each quarter hour of a day has hours of its own: so many as its number, in sixteenths. */
function bookedDay(
  offset: number,
  findings: readonly Finding[] = [],
  family: 'cpu' | 'gpu' = 'cpu'
): BookedDay<DayHours> {
  const day = { start: daySpan.start + offset * dayMs, end: daySpan.end + offset * dayMs };
  const windows = Array.from({ length: quartersInDay }, (_, index) => ({
    ...quarterOf(day.start, index),
    hours: new Map([['yolo', hoursAt(offset, index)]]),
  }));
  const view: UsageView = { windows, missing: [], notes: [], warnings: [] };
  const gpu = family === 'gpu' ? { gpu: { allocated: view, active: view } } : {};
  const record = hoursOf({ family, day, view: { ...view, ...gpu }, findings, patterns: 1, settings: {} });
  return { record, origin: new RecordOrigin(dayAt(day.start), day, '2026-11-01T00:00:00.000Z', record, []) };
}

const hoursAt = (offset: number, index: number) => (offset * quartersInDay + index + 1) / 16;

/** The hours of the whole quarter hours of some spans. */
function expectedIn(spans: readonly Span[], days: number): number {
  let sum = 0;
  for (let offset = 0; offset < days; offset += 1) {
    for (let index = 0; index < quartersInDay; index += 1) {
      const quarter = quarterOf(daySpan.start + offset * dayMs, index);
      sum += spans.some(({ start, end }) => start <= quarter.start && end >= quarter.end) ? hoursAt(offset, index) : 0;
    }
  }
  return sum;
}

const sumOf = (windows: ReadonlyArray<{ hours: ReadonlyMap<string, number> }>) =>
  windows.reduce((sum, { hours }) => sum + (hours.get('yolo') ?? 0), 0);

const minute = fc.integer({ min: -300, max: 3 * 24 * 60 + 300 });

it('gives the hours of whole quarter hours once, in the windows of any zone, and leaves the rest', () => {
  fc.assert(
    fc.property(minute, minute, zone, fc.constantFrom('day' as const, 'hour' as const), (a, b, inZone, granularity) => {
      fc.pre(a !== b);
      const span = {
        start: daySpan.start + Math.min(a, b) * minuteMs,
        end: daySpan.start + Math.max(a, b) * minuteMs,
      };
      const days = [0, 1, 2].map((offset) => bookedDay(offset));
      const windows = windowsIn(span, inZone, granularity);
      const booked = bookedHours(days, windows);
      expect(totalLength([...booked.windows, ...booked.left])).toBe(span.end - span.start);
      expect(gapsIn(span, [...booked.windows, ...booked.left])).toEqual([]);
      expect(sumOf(booked.windows)).toBeCloseTo(expectedIn(booked.windows, 3), 6);
      for (const { start, end } of booked.windows) {
        expect(windows.some((window) => window.start <= start && window.end >= end)).toBe(true);
      }
      // What is left inside the records is less than a quarter hour at an edge of a window.
      const recorded = { start: daySpan.start, end: daySpan.start + 3 * dayMs };
      const inside = gapsIn(recorded, [...booked.windows, ...gapsIn(recorded, [span])]);
      expect(inside.every(({ start, end }) => end - start < 2 * quarterHourMs)).toBe(true);
    })
  );
});

it('leaves what a record lost, and shows kinds of GPU hours where all records have both', () => {
  const lost = quarterOf(daySpan.start, 4);
  const days = [
    bookedDay(0, [{ effect: 'lost', kind: 'unread', spans: [lost], note: 'it could not be read' }], 'gpu'),
    bookedDay(1, [], 'gpu'),
  ];
  const span = { start: daySpan.start, end: daySpan.start + 2 * dayMs };
  const booked = bookedHours(days, windowsIn(span, 'utc', 'day'));
  expect(booked.left).toEqual([lost]);
  expect(booked.windows.map(({ start, end }) => [start, end])).toEqual([
    [daySpan.start, lost.start],
    [lost.end, daySpan.end],
    [daySpan.end, daySpan.end + dayMs],
  ]);
  expect(sumOf(booked.gpu?.allocated ?? [])).toBeCloseTo(sumOf(booked.windows), 9);
  const second = { start: daySpan.end, end: daySpan.end + dayMs };
  const { gpu, windows } = bookedHours(days, [second]);
  expect(sumOf(gpu?.active ?? [])).toBeCloseTo(sumOf(windows), 9);
  expect(bookedHours([bookedDay(1)], [second]).gpu).toBeUndefined();
});
