import { hourMs, quarterHourMs } from '../domain/duration';
import { periodEdges } from '../domain/periods';
import { type Span } from '../domain/span';

/** `quarter`: hours are cut into quarter hours of UTC, at which the days of every zone in use begin. */
export type Granularity = 'day' | 'hour' | 'quarter';

/**
 * The edges that cells must respect. Cells never cross a day of the dashboard's zone, because every calendar period
 * is made of days; they never cross an hour either where hours are asked for.
 */
export interface Grid {
  /** Starts of days strictly inside the range, ascending, ms since the epoch. */
  days: readonly number[];
  granularity: Granularity;
  /** Starts of hours or quarter hours strictly inside the range, where these are asked for; empty otherwise. */
  hours: readonly number[];
  /** Start of hours is counted from here: a start of a day in the zone, at or before the range. */
  origin: number;
}

export function gridOf(span: Span, zone: string, granularity: Granularity): Grid {
  const days = periodEdges(span, 'day', zone);
  const dayBefore = periodEdges({ start: span.start - 26 * hourMs, end: span.start + 1 }, 'day', zone);
  const hours =
    granularity === 'hour'
      ? periodEdges(span, 'hour', zone)
      : granularity === 'quarter'
        ? [...new Set([...quarterEdges(span), ...days])].sort((a, b) => a - b)
        : [];
  return { days, hours, granularity, origin: dayBefore[dayBefore.length - 1] ?? span.start };
}

function quarterEdges({ start, end }: Span): number[] {
  const first = (Math.floor(start / quarterHourMs) + 1) * quarterHourMs;
  return Array.from(
    { length: Math.max(0, Math.ceil((end - first) / quarterHourMs)) },
    (_, index) => first + index * quarterHourMs
  );
}

/** The first edge after `time` that a cell may not cross; Infinity when there is none. */
export function nextHardEdge(grid: Grid, time: number): number {
  const edges = grid.granularity === 'day' ? grid.days : grid.hours;
  return edges[upperBound(edges, time)] ?? Infinity;
}

/**
 * A full hour after `time`: where a cell had better end so that it can be used again. Hours are counted from the start of
 * the day in the zone, which is near enough to the clock for this purpose.
 */
export function nextHour(grid: Grid, time: number): number {
  const index = upperBound(grid.days, time) - 1;
  const dayStart = grid.days[index] ?? grid.origin;
  return dayStart + (Math.floor((time - dayStart) / hourMs) + 1) * hourMs;
}

/** True when no hard edge lies strictly inside the span. */
export function fitsGrid(grid: Grid, span: Span): boolean {
  return nextHardEdge(grid, span.start) >= span.end;
}

/** Index of the first element greater than `value`. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) > value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
