import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { periodEdges } from '../domain/periods';
import { clip, gapsIn, isEmpty, type Span, totalLength } from '../domain/span';
import { type Cell } from '../requests/cell';

/** The days of a time zone (IANA name) that a span touches, whole, ascending. */
export function daysOf(span: Span, zone: string): Span[] {
  if (isEmpty(span)) {
    return [];
  }
  // No day is longer than 25 hours, give or take a zone that moved across the date line.
  const around = { start: span.start - 49 * hourMs, end: span.end + 49 * hourMs };
  const edges = periodEdges(around, 'day', zone);
  return edges
    .slice(1)
    .map((end, index) => ({ start: edges[index] ?? end, end }))
    .filter((day) => day.start < span.end && day.end > span.start);
}

/** False of counts that come from usage records, whose days were looked at when they were recorded. */
export function isLogged({ origin }: Cell): boolean {
  return origin === undefined;
}

interface CountedSpan {
  span: Span;
  cells: readonly Cell[];
}

/**
 * The days of the view without a single request, of which something was read from log lines. A day that could not be read at all is not one of them, nor is one that
 * has not begun. Cells are in order of time, of which a large cluster has thousands.
 */
export function quietDays(view: CountedSpan, zone: string, now: number): Span[] {
  return quietDaysOf(view, zone).filter(({ start }) => start < now);
}

/** Quiet days by zone that were found already: the panels of a dashboard share one view. */
const found = new WeakMap<CountedSpan, Map<string, Span[]>>();

function quietDaysOf(view: CountedSpan, zone: string): Span[] {
  const byZone = found.get(view) ?? new Map<string, Span[]>();
  found.set(view, byZone);
  const days = byZone.get(zone) ?? findQuietDays(view, zone);
  byZone.set(zone, days);
  return days;
}

function findQuietDays(view: CountedSpan, zone: string): Span[] {
  return daysWhere(view, zone, (inside) => inside.some(isLogged) && inside.every(({ ids }) => ids.length === 0));
}

/** The days of the view with a request in log lines, ascending. */
export function busyDays(view: CountedSpan, zone: string): Span[] {
  return daysWhere(view, zone, (inside) => inside.some((cell) => isLogged(cell) && cell.ids.length > 0));
}

/** The days whose cells, which are those that touch them, fulfil a condition. */
function daysWhere({ span, cells }: CountedSpan, zone: string, test: (inside: readonly Cell[]) => boolean): Span[] {
  let passed = 0;
  return daysOf(span, zone).filter((day) => {
    while ((cells[passed]?.end ?? Infinity) <= day.start) {
      passed += 1;
    }
    let after = passed;
    while ((cells[after]?.start ?? Infinity) < day.end) {
      after += 1;
    }
    return test(cells.slice(passed, after));
  });
}

/**
 * Where to look for any line of a day: in the day; of a day that is not over, in the last 24 hours, because a morning
 * may well be quiet.
 */
export function windowOfDay(day: Span, now: number): Span {
  if (day.end <= now) {
    return day;
  }
  // A full minute, so that the panels of a refresh ask the same.
  const end = Math.floor(now / minuteMs) * minuteMs;
  return { start: Math.min(day.start, end - dayMs), end };
}

/** The part of `days` that lies in a window and was read. */
export function readPartOf(days: readonly Span[], window: Span, unread: readonly Span[]): Span[] {
  return clip(days, window).flatMap((day) => gapsIn(day, unread));
}

/** `31 days`, `36 hours`: how people say how long something is. */
export function lengthInWords(ms: number): string {
  const [amount, unit] = ms >= 2 * dayMs ? [Math.round(ms / dayMs), 'day'] : [Math.round(ms / hourMs), 'hour'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

/** Whole days, at least 1, for `59 of 90 days`. */
export function wholeDays(spans: readonly Span[]): number {
  return Math.max(1, Math.round(totalLength(spans) / dayMs));
}
