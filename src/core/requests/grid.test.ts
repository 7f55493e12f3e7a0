import fc from 'fast-check';

import { epoch, spanWithin, zone } from '../../testing/arbitraries';
import { hourMs, quarterHourMs } from '../domain/duration';
import { periodEdges } from '../domain/periods';
import { fitsGrid, gridOf, nextHardEdge, nextHour } from './grid';

it('lets no cell cross an edge of a period that can be asked for', () => {
  fc.assert(
    fc.property(spanWithin(72), zone, fc.constantFrom('day' as const, 'hour' as const), (span, name, granularity) => {
      const grid = gridOf(span, name, granularity);
      const walked: number[] = [];
      for (let edge = nextHardEdge(grid, span.start); edge < span.end; edge = nextHardEdge(grid, edge)) {
        walked.push(edge);
      }
      expect(walked).toEqual(periodEdges(span, granularity, name));
    })
  );
});

it('lets no cell cross a quarter hour of UTC where these are asked for', () => {
  fc.assert(
    fc.property(spanWithin(72), zone, (span, name) => {
      const { hours } = gridOf(span, name, 'quarter');
      const inside = Array.from({ length: 73 * 4 }, (_, index) => epoch + index * quarterHourMs);
      const expected = [...inside, ...periodEdges(span, 'day', name)].filter(
        (edge) => edge > span.start && edge < span.end
      );
      expect(hours).toEqual([...new Set(expected)].sort((a, b) => a - b));
    })
  );
});

it('finds a full hour after any time, at most an hour later', () => {
  fc.assert(
    fc.property(spanWithin(72), zone, (span, name) => {
      const grid = gridOf(span, name, 'day');
      const next = nextHour(grid, span.start);
      expect(next).toBeGreaterThan(span.start);
      expect(next - span.start).toBeLessThanOrEqual(hourMs);
      expect(nextHour(grid, next - 1)).toBe(next);
    })
  );
});

it('fits exactly the spans that hold no edge inside', () => {
  const span = { start: Date.parse('2026-10-24T00:00:00Z'), end: Date.parse('2026-10-26T12:00:00Z') };
  const midnight = Date.parse('2026-10-24T22:00:00Z');
  const grid = gridOf(span, 'Europe/Madrid', 'day');
  expect(fitsGrid(grid, { start: midnight, end: midnight + 25 * hourMs })).toBe(true);
  expect(fitsGrid(grid, { start: midnight, end: midnight + 25 * hourMs + 1 })).toBe(false);
  expect(fitsGrid(grid, { start: midnight - 1, end: midnight + 1 })).toBe(false);
});

// Its clock changes by half an hour, so that hours counted from midnight are not the hours of the clock. A cell that
// crosses an hour of the clock is in no period of an hourly table: its requests vanish.
it('respects the hours of Lord Howe on the day its clock changes', () => {
  const span = { start: Date.parse('2026-04-04T13:00:00Z'), end: Date.parse('2026-04-05T13:30:00Z') };
  const grid = gridOf(span, 'Australia/Lord_Howe', 'hour');
  const edges = periodEdges(span, 'hour', 'Australia/Lord_Howe');
  expect(edges.filter((edge) => fitsGrid(grid, { start: edge - 1, end: edge + 1 }))).toEqual([]);
});
