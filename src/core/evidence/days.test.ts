import fc from 'fast-check';

import { epoch, spanWithin, zone } from '../../testing/arbitraries';
import { dayMs, hourMs } from '../domain/duration';
import { lengthOf } from '../domain/span';
import { busyDays, daysOf, lengthInWords, quietDays, windowOfDay } from './days';

const cell = (start: number, end: number, requests: number) => ({
  start,
  end,
  ids: Uint32Array.from({ length: requests }, (_, index) => index),
  counts: new Uint32Array(requests).fill(1),
  unparsed: 0,
});

it('covers a span with whole days that follow each other, also when the clock changes', () => {
  fc.assert(
    fc.property(spanWithin(80), zone, (span, inZone) => {
      const days = daysOf(span, inZone);
      expect(days[0]?.start).toBeLessThanOrEqual(span.start);
      expect(days[0]?.end).toBeGreaterThan(span.start);
      expect(days[days.length - 1]?.end).toBeGreaterThanOrEqual(span.end);
      expect(days[days.length - 1]?.start).toBeLessThan(span.end);
      days.slice(1).forEach((day, index) => expect(day.start).toBe(days[index]?.end));
      days.forEach((day) => expect([23, 24, 25]).toContain(lengthOf(day) / hourMs));
    })
  );
});

it('has no days in nothing', () => {
  expect(daysOf({ start: epoch, end: epoch }, 'utc')).toEqual([]);
});

it('finds the days without a request, not those that could not be read or lie ahead', () => {
  const span = { start: epoch, end: epoch + 5 * dayMs };
  const cells = [
    cell(epoch, epoch + dayMs, 1),
    cell(epoch + dayMs, epoch + 2 * dayMs, 0),
    // The third day could not be read.
    cell(epoch + 3 * dayMs, epoch + 4 * dayMs, 0),
    cell(epoch + 4 * dayMs, epoch + 5 * dayMs, 0),
  ];
  const now = epoch + 4 * dayMs;
  expect(quietDays({ span, cells }, 'utc', now).map(({ start }) => (start - epoch) / dayMs)).toEqual([1, 3]);
  expect(busyDays({ span, cells }, 'utc').map(({ start }) => (start - epoch) / dayMs)).toEqual([0]);
});

it('looks at the last 24 hours of a day that is not over', () => {
  const day = { start: epoch, end: epoch + dayMs };
  expect(windowOfDay(day, day.end)).toBe(day);
  expect(windowOfDay(day, epoch + 5 * 60_000 + 7)).toEqual({
    start: epoch + 5 * 60_000 - dayMs,
    end: epoch + 5 * 60_000,
  });
  expect(windowOfDay({ start: epoch, end: epoch + 25 * hourMs }, epoch + 24.5 * hourMs).start).toBe(epoch);
});

it.each([
  [31 * dayMs, '31 days'],
  [36 * hourMs, '36 hours'],
  [hourMs, '1 hour'],
])('calls %p ms %p', (ms, words) => {
  expect(lengthInWords(ms)).toBe(words);
});
