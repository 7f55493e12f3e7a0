import { DateTime, type DateTimeUnit } from 'luxon';

import { dayMs } from './duration';
import { type Span } from './span';

export const periodUnits = ['hour', 'day', 'week', 'month', 'quarter'] as const;
export type PeriodUnit = (typeof periodUnits)[number];

/** A calendar period, clipped to the range that was asked for. */
export interface Period extends Span {
  /** `2026-10-05T13:00`, `2026-10-05`, `2026-W41` (ISO week), `2026-10` or `2026-Q4` (contract, "Result frames"). */
  label: string;
}

const labelFormats: Record<PeriodUnit, string> = {
  hour: "yyyy-MM-dd'T'HH:mm",
  day: 'yyyy-MM-dd',
  week: "kkkk-'W'WW",
  month: 'yyyy-MM',
  quarter: "yyyy-'Q'q",
};

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
  const format = labelFormats[unit];
  const edges = [...periodEdges(span, unit, zone), span.end];
  let start = span.start;
  return edges.map((end) => {
    const label = DateTime.fromMillis(start, { zone }).startOf(unit).toFormat(format);
    const period = { start, end, label };
    start = end;
    return period;
  });
});

/** Starts of calendar periods strictly inside a span, in ms since the epoch, ascending. */
export const periodEdges = remembered((span, unit, zone): readonly number[] => {
  const edges: number[] = [];
  let edge: DateTime = DateTime.fromMillis(span.start, { zone }).startOf(unit);
  while (edge.toMillis() < span.end) {
    if (edge.toMillis() > span.start) {
      edges.push(edge.toMillis());
    }
    edge = next(edge, unit);
  }
  return edges;
});

function next(edge: DateTime, unit: PeriodUnit): DateTime {
  const following = edge.plus({ [unit]: 1 }).startOf(unit as DateTimeUnit);
  // Where the clock is set back over a period's start, the same wall-clock start comes again; go on in real time.
  return following > edge ? following : edge.plus({ hours: 1 });
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
  return DateTime.utc().setZone(name).isValid ? name : undefined;
}

/**
 * True for a span of at most so many days: of 24 hours, or of the calendar in a time zone (IANA name), in which a day with a
 * change of the clock has 23 or 25. Both ends of the span count, as in "last 3 days": it may be one millisecond longer.
 */
export function isWithinDays({ start, end }: Span, days: number, zone: string): boolean {
  const last = end - 1;
  return last - start <= days * dayMs || last <= DateTime.fromMillis(start, { zone }).plus({ days }).toMillis();
}
