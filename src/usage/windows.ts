import { type Span } from '../domain/span';
import { type Granularity, gridOf } from '../ledger/grid';

/** Adjacent windows of one and the same length, which one range query can evaluate. */
export interface WindowRun {
  first: Span;
  lengthMs: number;
  count: number;
}

/** Windows that one query evaluates at most, so that no query keeps the engine busy for long. */
const longestRun = 31;

/**
 * Cuts a range into the days (or hours) of a time zone; the first and the last are clipped to the range. Windows of
 * equal length that follow each other form a run.
 */
export function windowRuns(span: Span, zone: string, granularity: Granularity): WindowRun[] {
  const grid = gridOf(span, zone, granularity);
  const edges = granularity === 'day' ? grid.days : grid.hours;
  const runs: WindowRun[] = [];
  let start = span.start;
  for (const end of [...edges, span.end]) {
    const last = runs[runs.length - 1];
    if (last && last.lengthMs === end - start && last.count < longestRun) {
      last.count += 1;
    } else {
      runs.push({ first: { start, end }, lengthMs: end - start, count: 1 });
    }
    start = end;
  }
  return runs;
}

/** The windows of a run, in order. */
export function windowsOf({ first, lengthMs, count }: WindowRun): Span[] {
  return Array.from({ length: count }, (_, index) => ({
    start: first.start + index * lengthMs,
    end: first.end + index * lengthMs,
  }));
}
