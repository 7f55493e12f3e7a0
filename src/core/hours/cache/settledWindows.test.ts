import fc from 'fast-check';

import { hourMs, minuteMs } from '../../domain/duration';
import { type UsageWindow } from '../view';
import { around } from '../windows';
import { LruStore } from './lruStore';
import { SettledWindows } from './settledWindows';

const byDay = { zone: 'utc', granularity: 'day' as const };

function settledAt(now: number): SettledWindows<UsageWindow> {
  return new SettledWindows<UsageWindow>(new LruStore(100), ['question'], { now, settleMs: hourMs, readAgain: false });
}

it('cuts the window that is still open where it can no longer change', () => {
  const windows = [
    { start: 0, end: 24 * hourMs },
    { start: 24 * hourMs, end: 34.4 * hourMs },
  ];
  expect(settledAt(34.4 * hourMs).cut(windows, byDay)).toEqual([
    { start: 0, end: 24 * hourMs },
    { start: 24 * hourMs, end: 33 * hourMs },
    { start: 33 * hourMs, end: 34.4 * hourMs },
  ]);
});

it('cuts nothing that is whole and settled, or too young', () => {
  const windows = [{ start: 0, end: 1.5 * hourMs }];
  expect(settledAt(100 * hourMs).cut(windows, byDay)).toEqual(windows);
  expect(settledAt(1.5 * hourMs).cut(windows, byDay)).toEqual(windows);
  const young = [{ start: 7 * minuteMs, end: 1.5 * hourMs }];
  expect(settledAt(1.5 * hourMs).cut(young, byDay)).toEqual(young);
  // A day of India.
  const day = [{ start: 18.5 * hourMs, end: 42.5 * hourMs }];
  expect(settledAt(100 * hourMs).cut(day, { zone: 'Asia/Kolkata', granularity: 'day' })).toEqual(day);
  expect(settledAt(100 * hourMs).cut(day, byDay)).toHaveLength(31);
});

it('cuts off the hour in which the range begins by the minute', () => {
  const cut = settledAt(100 * hourMs).cut([{ start: 57 * minuteMs, end: 24 * hourMs }], byDay);
  expect(cut).toEqual([
    { start: 57 * minuteMs, end: 58 * minuteMs },
    { start: 58 * minuteMs, end: 59 * minuteMs },
    { start: 59 * minuteMs, end: hourMs },
    { start: hourMs, end: 24 * hourMs },
  ]);
});

it('finds all but the open end again a few minutes later, within the hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 19 }), (first, later) => {
      const keys = (start: number) =>
        settledAt(100 * hourMs + first * minuteMs)
          .cut([{ start, end: 24 * hourMs }], byDay)
          .map((window) => JSON.stringify(window));
      const start = first * minuteMs;
      const known = new Set(keys(start));
      expect(keys(start + later * minuteMs).filter((key) => !known.has(key))).toEqual([]);
    })
  );
});

it('covers the same time with adjacent windows', () => {
  const minutes = (most: number) => fc.integer({ min: 0, max: most }).map((value) => value * minuteMs);
  fc.assert(
    fc.property(minutes(3000), minutes(3000), minutes(6000), (start, length, now) => {
      const window = { start, end: start + length + minuteMs };
      const cut = settledAt(now).cut([window], byDay);
      expect(around(cut)).toEqual(window);
      cut.slice(1).forEach((one, index) => expect(one.start).toBe(cut[index]?.end));
      expect(cut.every((one) => one.end > one.start)).toBe(true);
    })
  );
});
