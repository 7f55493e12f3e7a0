import { dayMs, hourMs } from './duration';
import { type Span } from './span';
import { isZone, type Local, offsetAt, timeOf } from './zone';

export const periodUnits = ['hour', 'day', 'week', 'month', 'quarter'] as const;
export type PeriodUnit = (typeof periodUnits)[number];

/** A calendar period, clipped to the range that was asked for. */
export interface Period extends Span {
  /** `2026-10-05T13:00`, `2026-10-05`, `2026-W41` (ISO week), `2026-10` or `2026-Q4` (contract, "Result frames"). */
  label: string;
}

/** Results that are kept: a dashboard asks for some five spans in a few units. */
const maxKept = 64;

/** The same result for the same question, as the panels of a dashboard ask it. It must not be changed. */
function remembered<T>(compute: (span: Span, unit: PeriodUnit, zone: string) => T): typeof compute {
  const known = new Map<string, T>();
  return (span, unit, zone) => {
    const key = `${span.start} ${span.end} ${unit} ${zone}`;
    let result = known.get(key);
    if (result === undefined) {
      result = compute(span, unit, zone);
      if (known.size >= maxKept) {
        known.clear();
      }
      known.set(key, result);
    }
    return result;
  };
}

/**
 * Cuts a span at the starts of calendar periods in a time zone (IANA name). A day with a daylight-saving change has 23
 * or 25 hours; the hour that occurs twice in autumn gives two periods. The first and the last period are clipped.
 */
export const periodsOf = remembered((span, unit, zone): readonly Period[] => {
  const edges = [...periodEdges(span, unit, zone), span.end];
  let start = span.start;
  return edges.map((end) => {
    const label = labelOf(startOf(start, unit, zone), unit, zone);
    const period = { start, end, label };
    start = end;
    return period;
  });
});

/** Starts of calendar periods strictly inside a span, in ms since the epoch, ascending. */
export const periodEdges = remembered((span, unit, zone): readonly number[] => {
  const edges: number[] = [];
  let edge = startOf(span.start, unit, zone);
  while (edge < span.end) {
    if (edge > span.start) {
      edges.push(edge);
    }
    edge = startAfter(edge, unit, zone);
  }
  return edges;
});

/** Start of the calendar period that a time lies in, in a time zone (IANA name). Times are ms since the epoch. */
export function startOf(time: number, unit: PeriodUnit, zone: string): number {
  const offset = offsetAt(time, zone);
  return timeOf(startOnClock(time + offset, unit), zone, offset);
}

/** Start of the period that comes after the one that begins at `start`. */
export function startAfter(start: number, unit: PeriodUnit, zone: string): number {
  const following = startOf(unit === 'hour' ? start + hourMs : later(start, unit, 1, zone), unit, zone);
  // Where the clock is set back over a period's start, the same wall-clock start comes again; go on in real time.
  return following > start ? following : start + hourMs;
}

/** The time at which a clock shows what it does at `time`, so many calendar periods later. */
function later(time: number, unit: Exclude<PeriodUnit, 'hour'>, count: number, zone: string): number {
  const offset = offsetAt(time, zone);
  const clock = new Date(time + offset);
  const months = { day: 0, week: 0, month: 1, quarter: 3 }[unit];
  const day = clock.getUTCDate();
  clock.setUTCMonth(clock.getUTCMonth() + months * count, 1);
  const lastDay = new Date(Date.UTC(clock.getUTCFullYear(), clock.getUTCMonth() + 1, 0)).getUTCDate();
  clock.setUTCDate(Math.min(day, lastDay) + { day: 1, week: 7, month: 0, quarter: 0 }[unit] * count);
  return timeOf(clock.getTime(), zone, offset);
}

function startOnClock(local: Local, unit: PeriodUnit): Local {
  const clock = new Date(local);
  if (unit === 'hour') {
    return clock.setUTCMinutes(0, 0, 0);
  }
  clock.setUTCHours(0, 0, 0, 0);
  switch (unit) {
    case 'day':
      return clock.getTime();
    case 'week':
      return clock.setUTCDate(clock.getUTCDate() - isoWeekday(clock) + 1);
    case 'month':
      return clock.setUTCDate(1);
    case 'quarter':
      return clock.setUTCMonth(3 * Math.floor(clock.getUTCMonth() / 3), 1);
  }
}

/** 1 for Monday to 7 for Sunday (ISO 8601). */
function isoWeekday(clock: Date): number {
  return clock.getUTCDay() || 7;
}

function labelOf(start: number, unit: PeriodUnit, zone: string): string {
  const clock = new Date(start + offsetAt(start, zone));
  const text = clock.toISOString();
  switch (unit) {
    case 'hour':
      return text.slice(0, 16);
    case 'day':
      return text.slice(0, 10);
    case 'week':
      return isoWeek(clock);
    case 'month':
      return text.slice(0, 7);
    case 'quarter':
      return `${text.slice(0, 4)}-Q${Math.floor(clock.getUTCMonth() / 3) + 1}`;
  }
}

/** The ISO 8601 week of a day, such as `2026-W41`: it belongs to the year that its Thursday lies in. */
function isoWeek(clock: Date): string {
  const thursday = new Date(clock);
  thursday.setUTCDate(clock.getUTCDate() + 4 - isoWeekday(clock));
  const week = Math.ceil((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1) + 1) / (7 * dayMs));
  return `${thursday.toISOString().slice(0, 4)}-W${String(week).padStart(2, '0')}`;
}

/** Names of UTC in the IANA database. */
const namesOfUtc = /^(?:etc\/)?(?:utc|uct|gmt|gmt0|greenwich|universal|zulu)$/i;

/**
 * One name for each zone name that the runtime knows, as far as UTC is concerned: what is read for `UTC` and for `Etc/UTC`
 * is read once. Undefined for an unknown name.
 */
export function timeZoneOf(name: string): string | undefined {
  if (namesOfUtc.test(name)) {
    return 'utc';
  }
  return isZone(name) ? name : undefined;
}

/**
 * True for a span of at most so many days: of 24 hours, or of the calendar in a time zone (IANA name), in which a day with a
 * change of the clock has 23 or 25. Both ends of the span count, as in "last 3 days": it may be one millisecond longer.
 */
export function isWithinDays({ start, end }: Span, days: number, zone: string): boolean {
  const last = end - 1;
  return last - start <= days * dayMs || last <= later(start, 'day', days, zone);
}
