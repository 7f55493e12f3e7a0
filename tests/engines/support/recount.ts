// The reports on made-up requests, counted one by one as the contract says; shares no code with the plugin.
import { DateTime } from 'luxon';

import { type Row } from '../../../stack/conformance/frames';
import { type MadeRequest, millisecondOf } from './lines';

export type Interval = 'hour' | 'day' | 'week' | 'month' | 'quarter';

const labelFormats: Readonly<Record<Interval, string>> = {
  hour: "yyyy-MM-dd'T'HH':00'",
  day: 'yyyy-MM-dd',
  week: "kkkk-'W'WW",
  month: 'yyyy-MM',
  quarter: "yyyy-'Q'q",
};

export interface Question {
  /** Both ends inclusive, in ms since the epoch. */
  from: number;
  to: number;
  timezone: string;
  interval?: Interval;
}

/** Counts by `<period> <name>`, where the period is empty without an interval. Only counts above 0 are there. */
export type Counts = Record<string, number>;

/** Requests in the range by period and the name that `nameOf` gives; undefined leaves a request out. */
export function recount(
  requests: readonly MadeRequest[],
  { from, to, timezone, interval }: Question,
  nameOf: (request: MadeRequest) => string | undefined
): Counts {
  const counts: Counts = {};
  for (const request of requests) {
    const time = millisecondOf(request);
    const name = nameOf(request);
    if (time >= from && time <= to && name !== undefined) {
      const period = interval ? periodLabel(time, timezone, interval) : '';
      counts[`${period} ${name}`] = (counts[`${period} ${name}`] ?? 0) + 1;
    }
  }
  return counts;
}

function periodLabel(time: number, zone: string, interval: Interval): string {
  return DateTime.fromMillis(time, { zone }).toFormat(labelFormats[interval]);
}

/**
 * The counts in the rows of an answer, likewise. Periods with the same label are one here: the hour that occurs twice in
 * autumn.
 */
export function countsOf(rows: readonly Row[], name: string, column: string): Counts {
  const counts: Counts = {};
  for (const row of rows) {
    const key = `${String(row.period ?? '')} ${String(row[name])}`;
    counts[key] = (counts[key] ?? 0) + Number(row[column]);
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

/** First and last millisecond of each service in a range, as the contract writes times. */
export function firstAndLast(requests: readonly MadeRequest[], { from, to }: Question): Map<string, string[]> {
  const byService = new Map<string, number[]>();
  for (const request of requests) {
    const time = millisecondOf(request);
    if (time >= from && time <= to) {
      byService.set(request.service, [...(byService.get(request.service) ?? []), time]);
    }
  }
  const iso = (time: number) => new Date(time).toISOString();
  return new Map([...byService].map(([service, all]) => [service, [iso(Math.min(...all)), iso(Math.max(...all))]]));
}
