import { dayMs } from '../domain/duration';
import { startAfter, startOf } from '../domain/periods';
import { type Span } from '../domain/span';
import { type Granularity, gridOf } from '../requests/grid';

/** Adjacent windows of one and the same length, which one range query can evaluate. */
export interface WindowRun {
  first: Span;
  lengthMs: number;
  count: number;
}

/** Days that one query evaluates at most, so that none keeps the engine busy for long. */
export const maxDaysInRun = 8;

/** Of shorter windows a query may evaluate more. */
const maxWindowsInRun = 60;

/** How many windows as long as these take no longer than `days` windows of a day. */
export function windowsLike(days: number, lengthMs: number): number {
  return Math.min(Math.max(days, maxWindowsInRun), Math.max(days, Math.floor((days * dayMs) / lengthMs)));
}

/** Cuts a range into the days (or hours, or quarter hours) of a time zone; the first and the last are clipped to the range. */
export function windowsIn(span: Span, zone: string, granularity: Granularity): Span[] {
  const grid = gridOf(span, zone, granularity);
  const edges = [span.start, ...(granularity === 'day' ? grid.days : grid.hours), span.end];
  return edges.slice(1).map((end, index) => ({ start: edges[index] ?? end, end }));
}

/** True when a day (or an hour, or a quarter hour) of the zone begins where a window does. */
export function beginsWhole({ start }: Span, zone: string, granularity: Granularity): boolean {
  const grid = gridOf({ start: start - 1, end: start + 1 }, zone, granularity);
  return [...grid.days, ...grid.hours].includes(start);
}

/** Gathers adjacent windows. They are in order of time. */
export function adjacent(windows: readonly Span[]): Span[][] {
  const groups: Span[][] = [];
  for (const window of windows) {
    const last = groups[groups.length - 1];
    if (last?.[last.length - 1]?.end === window.start) {
      last.push(window);
    } else {
      groups.push([window]);
    }
  }
  return groups;
}

/** From the start of the first of some windows (in order of time) to the end of the last one; empty for none. */
export function around(windows: readonly Span[]): Span {
  return { start: windows[0]?.start ?? 0, end: windows[windows.length - 1]?.end ?? 0 };
}

/**
 * Gathers windows (in order of time) that are adjacent and equally long into runs, of at most as many as `maxInRun` allows for
 * their length in ms. Windows for which `kindOf` differs are kept apart.
 */
export function runsOf(
  windows: readonly Span[],
  maxInRun: (lengthMs: number) => number,
  kindOf: (window: Span) => unknown = () => undefined
): WindowRun[] {
  const runs: WindowRun[] = [];
  let kind: unknown;
  for (const { start, end } of windows) {
    const last = runs[runs.length - 1];
    const own = kindOf({ start, end });
    const continues = last && own === kind && last.first.start + last.count * last.lengthMs === start;
    if (continues && last.lengthMs === end - start && last.count < maxInRun(last.lengthMs)) {
      last.count += 1;
    } else {
      runs.push({ first: { start, end }, lengthMs: end - start, count: 1 });
      kind = own;
    }
  }
  return runs;
}

/** The whole day of the zone that a window lies in; the window does not cross its ends. */
export function dayOf({ start }: Span, zone: string): Span {
  const day = startOf(start, 'day', zone);
  return { start: day, end: startAfter(day, 'day', zone) };
}

/** The windows of a run, in order. */
export function windowsOf({ first, lengthMs, count }: WindowRun): Span[] {
  return Array.from({ length: count }, (_, index) => ({
    start: first.start + index * lengthMs,
    end: first.end + index * lengthMs,
  }));
}
