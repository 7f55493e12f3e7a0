import fc from 'fast-check';

import { epoch, spanWithin, zone } from '../../testing/arbitraries';
import { dayMs, hourMs } from '../domain/duration';
import { gapsIn, type Span, totalLength } from '../domain/span';
import { fitsGrid, type Granularity, gridOf } from './grid';
import { batchesOf, divided, evaluationOf, runsOf, spanOf, windowOf } from './windows';

const granularity = fc.constantFrom<Granularity>('day', 'hour');
const maxLengthMs = fc.constantFrom(
  ...[4, 5, 25].map((hours) => hours * hourMs),
  ...[3, 5, 6.5, 30, 721 / 24, 31].map((days) => days * dayMs)
);

it('covers a span exactly once, and lets no window cross an edge', () => {
  fc.assert(
    fc.property(spanWithin(60 * 24), zone, granularity, maxLengthMs, (span, name, unit, longest) => {
      const grid = gridOf(span, name, unit);
      const { batches, rest } = batchesOf(span, grid, longest);
      const parts = [...batches.map(spanOf), ...rest];
      expect(gapsIn(span, parts)).toEqual([]);
      expect(totalLength(parts)).toBe(totalLength([span]));
      const windows = batches.flatMap((batch) =>
        Array.from({ length: batch.windows }, (_, index) => windowOf(batch, index))
      );
      expect(windows.filter((window) => !fitsGrid(grid, window))).toEqual([]);
    })
  );
});

it('gives batches about which one unsplit query is not too long, and leaves single windows', () => {
  fc.assert(
    fc.property(spanWithin(60 * 24), zone, granularity, maxLengthMs, (span, name, unit, longest) => {
      const { batches } = batchesOf(span, gridOf(span, name, unit), longest);
      for (const [index, { start, windows, windowMs }] of batches.entries()) {
        const neighbours = [batches[index - 1], batches[index + 1]].flatMap((other) => (other ? [spanOf(other)] : []));
        const touches = neighbours.some((other) => other.end === start || other.start === start + windows * windowMs);
        expect(windows >= 2 || touches).toBe(true);
        expect((2 * windows - 1) * windowMs).toBeLessThanOrEqual(longest);
        expect(windowMs).toBe(unit === 'hour' ? hourMs : dayMs);
      }
    })
  );
});

/** Whole days of a zone without summer time. */
function batchesOfDays(days: number, longest: number) {
  const span = { start: epoch, end: epoch + days * dayMs };
  const { batches, rest } = batchesOf(span, gridOf(span, 'utc', 'day'), longest);
  return { windows: batches.map(({ windows }) => windows), rest };
}

it('cuts all ranges at the same times, so that what lies between two of them is the same batch for everyone', () => {
  fc.assert(
    fc.property(spanWithin(60 * 24), spanWithin(60 * 24), zone, granularity, (one, other, name, unit) => {
      const whole = { start: Math.min(one.start, other.start), end: Math.max(one.end, other.end) };
      const grid = gridOf(whole, name, unit);
      const edgesOf = (span: Span) => {
        const spans = batchesOf(span, grid, 721 * hourMs).batches.map(spanOf);
        return new Set(spans.flatMap(({ start, end }) => (spans.some((next) => next.start === end) ? [end] : [])));
      };
      const ofWhole = edgesOf(whole);
      expect([...edgesOf(one), ...edgesOf(other)].filter((edge) => !ofWhole.has(edge))).toEqual([]);
    })
  );
});

it.each([
  [1, []],
  [2, [2]],
  [10, [10]],
  [11, [10, 1]],
  [31, [10, 15, 6]],
])('cuts %d days where a block of 15 days since the epoch ends', (days, windows) => {
  expect(batchesOfDays(days, 30 * dayMs).windows).toEqual(windows);
});

it('leaves what is no window, and all of it where a query may not be long', () => {
  expect(batchesOfDays(10, 30 * dayMs).rest).toEqual([]);
  expect(batchesOfDays(10, 2 * dayMs)).toEqual({ windows: [], rest: [{ start: epoch, end: epoch + 10 * dayMs }] });
});

it('has no window on the day of 25 hours beyond its 24th, nor on the begun days', () => {
  const span = { start: epoch, end: epoch + 4.5 * dayMs };
  const { batches, rest } = batchesOf(span, gridOf(span, 'Europe/Madrid', 'day'), 30 * dayMs);
  // Days of Madrid start at 22:00 UTC before the 25th, on which its clock is set back, and at 23:00 from the 26th on.
  const midnight = epoch + 22 * hourMs;
  const dayAfter = midnight + 25 * hourMs;
  expect(batches).toEqual([{ start: dayAfter, windowMs: dayMs, windows: 2 }]);
  expect(rest).toEqual([
    { start: epoch, end: dayAfter },
    { start: dayAfter + 2 * dayMs, end: span.end },
  ]);
});

it.each([
  [
    'xx.xxx.',
    [
      [0, 2],
      [3, 3],
    ],
  ],
  ['.x..', [[1, 1]]],
  ['xxx', [[0, 3]]],
  ['...', []],
])('finds the runs of windows in %s', (windows, runs) => {
  expect(runsOf(windows.length, (index) => windows[index] === 'x')).toEqual(
    runs.map(([first, length]) => ({ first, windows: length }))
  );
});

it('divides windows into shorter ones of the same time', () => {
  const batch = { start: epoch, windowMs: dayMs, windows: 3 };
  const parts = divided(batch, 4);
  expect(spanOf(parts)).toEqual(spanOf(batch));
  expect(windowOf(parts, 4).start).toBe(windowOf(batch, 1).start);
});

describe('the evaluation of a batch', () => {
  const batch = fc.record({
    start: fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2040-01-01') }),
    windowMs: fc.constantFrom(hourMs, 6 * hourMs, 12 * hourMs, dayMs),
    windows: fc.integer({ min: 1, max: 64 }),
  });

  it('is about exactly its windows, at multiples of the step', () => {
    fc.assert(
      fc.property(batch, (own) => {
        const { windowMs, windows } = own;
        const { first, last, stepMs, offsetMs } = evaluationOf(own);
        expect(stepMs).toBe(windows > 1 ? windowMs : 1);
        expect(first % stepMs).toBe(0);
        expect(offsetMs).toBeGreaterThanOrEqual(1);
        expect(offsetMs).toBeLessThanOrEqual(windowMs);
        const times = Array.from({ length: windows }, (_, index) => first + index * windowMs);
        expect(times[windows - 1]).toBe(last);
        // A window of LogQL is (t - offset - range, t - offset], of which an instant belongs to the millisecond at or after it.
        const looked = times.map((time) => ({ start: time - offsetMs - windowMs + 1, end: time - offsetMs + 1 }));
        expect(looked).toEqual(times.map((_, index) => windowOf(own, index)));
      })
    );
  });

  it('is not split by Loki, with a range that is hardly longer than the batch', () => {
    fc.assert(
      fc.property(batch, (own) => {
        const { windowMs, windows } = own;
        const { first, last, unsplitMs } = evaluationOf(own);
        if (windows === 1) {
          expect(unsplitMs).toBe(0);
          return;
        }
        expect((Math.floor(first / unsplitMs) + 1) * unsplitMs).toBeGreaterThan(last);
        expect(Number.isInteger(unsplitMs)).toBe(true);
        // Longer than a step, too: else each step would be a part.
        expect(unsplitMs).toBeGreaterThan(windowMs);
        expect(last - first + unsplitMs).toBeLessThanOrEqual((2 * windows - 1) * windowMs);
      })
    );
  });

  it('looks back to windows that begin within an hour', () => {
    expect(evaluationOf({ start: 90 * 60_000, windowMs: hourMs, windows: 2 })).toEqual({
      first: 3 * hourMs,
      last: 4 * hourMs,
      offsetMs: 30 * 60_000 + 1,
      stepMs: hourMs,
      // The next multiple is after the last time.
      unsplitMs: 1.5 * hourMs,
    });
  });
});
