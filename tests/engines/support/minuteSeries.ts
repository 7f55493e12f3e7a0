import { minuteMs } from '../../../src/core/domain/duration';

/** A series with a sample each minute of a day, both ends inclusive; minutes before 0 and after 1440 are of other days. */
export interface MinuteSeries {
  metric: string;
  labels: Record<string, string>;
  from: number;
  to: number;
  /** Value at a minute. */
  valueAt: (minute: number) => number;
  /** Minutes without a sample; both ends inclusive. */
  gaps?: ReadonlyArray<readonly [from: number, to: number]>;
}

/** Lines of OpenMetrics for a day (its midnight in ms since the epoch). */
export function linesOf(day: number, { metric, labels, from, to, valueAt, gaps = [] }: MinuteSeries): string[] {
  const names = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  const series = `${metric}{${names.join(',')}}`;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    .filter((minute) => !gaps.some(([first, last]) => minute >= first && minute <= last))
    .map((minute) => `${series} ${valueAt(minute)} ${(day + minute * minuteMs) / 1000}`);
}
