import { dayMs, hourMs, minuteMs } from '../../src/core/domain/duration';
import { type Day, dayAt, spanOfDay } from '../../src/core/records/dayRecord';
import { type Settings } from '../../src/core/settings';
import { usageError } from '../exit';

/** Loki writes what it has in memory to its store within this time (`max_chunk_age`): before, a crash may lose lines. */
const flushMs = 2 * hourMs;

const mostDays = 4000;

/** The last UTC day of which nothing can change any more. */
export function lastSettledDay(settings: Settings, now: number): Day {
  return dayAt(now - settings.settleDelayMinutes * minuteMs - flushMs - dayMs);
}

/**
 * Settled UTC days, ascending: so many last ones (`30`), one day (`2026-10-01`), or from one to another (`2026-10-01..2026-10-31`). Throws a
 * told error for another text, and for a day that is not settled.
 */
export function settledDays(text: string, settings: Settings, now: number): Day[] {
  const latest = lastSettledDay(settings, now);
  const end = spanOfDay(latest)?.start ?? 0;
  if (/^[1-9]\d{0,3}$/.test(text)) {
    return daysUpTo(end - (Number(text) - 1) * dayMs, end);
  }
  const { from, to, last } = spanIn(text);
  if (to > end) {
    throw usageError(`--days: ${last} is not settled yet; the last day (UTC) that is, is ${latest}`);
  }
  return daysUpTo(from, to);
}

function spanIn(text: string): { from: number; to: number; last: Day } {
  const [first = '', last = first, ...rest] = text.split('..');
  const [from, to] = [spanOfDay(first)?.start, spanOfDay(last)?.start];
  if (from === undefined || to === undefined || rest.length > 0 || from > to) {
    throw usageError(
      `--days: "${text}" is neither a number of days, nor a day such as 2026-10-01, nor days such as 2026-10-01..2026-10-31`
    );
  }
  return { from, to, last };
}

function daysUpTo(from: number, to: number): Day[] {
  const count = Math.round((to - from) / dayMs) + 1;
  if (count > mostDays) {
    throw usageError(`--days: ${count} days are more than ${mostDays}`);
  }
  return Array.from({ length: count }, (_, index) => dayAt(from + index * dayMs));
}
