import fc from 'fast-check';

import { spanWithin, zone } from '../../testing/arbitraries';
import { periodEdges } from '../domain/periods';
import { around, maxDaysInRun, runsOf, adjacent, windowsIn, windowsLike } from './windows';

it('covers the range with adjacent windows that end where its days or hours end', () => {
  fc.assert(
    fc.property(
      spanWithin(24 * 40),
      zone,
      fc.constantFrom('day' as const, 'hour' as const),
      (span, name, granularity) => {
        const windows = windowsIn(span, name, granularity);
        expect(windows.map(({ start }) => start)).toEqual([span.start, ...periodEdges(span, granularity, name)]);
        expect(windows.map(({ end }) => end)).toEqual([...periodEdges(span, granularity, name), span.end]);
      }
    ),
    { numRuns: 60 }
  );
});

it('has no run of more windows than one query should evaluate', () => {
  const span = { start: 0, end: 20 * 86_400_000 };
  expect(
    runsOf(windowsIn(span, 'utc', 'day'), (ms) => windowsLike(maxDaysInRun, ms)).map(({ count }) => count)
  ).toEqual([8, 8, 4]);
});

it('lets a query evaluate more of shorter windows, though not any number', () => {
  expect([24, 12, 6, 1, 1 / 60].map((hours) => windowsLike(8, hours * 3_600_000))).toEqual([8, 16, 32, 60, 60]);
  expect(windowsLike(3, 25 * 3_600_000)).toBe(3);
});

it('keeps windows of different kinds apart', () => {
  const windows = [0, 1, 2, 3].map((hour) => ({ start: hour, end: hour + 1 }));
  const runs = runsOf(
    windows,
    () => 8,
    ({ start }) => start === 2
  );
  expect(runs.map(({ first, count }) => [first.start, count])).toEqual([
    [0, 2],
    [2, 1],
    [3, 1],
  ]);
});

it('gathers what is adjacent', () => {
  const windows = [0, 1, 5, 6, 7].map((hour) => ({ start: hour, end: hour + 1 }));
  expect(adjacent(windows).map(around)).toEqual([
    { start: 0, end: 2 },
    { start: 5, end: 8 },
  ]);
  expect(adjacent([])).toEqual([]);
});
