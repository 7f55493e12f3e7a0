import { dayMs, hourMs } from '../../src/core/domain/duration';
import { type PeriodUnit, periodsOf, periodUnits, startOf } from '../../src/core/domain/periods';
import { isEmpty, type Span } from '../../src/core/domain/span';
import { usageError } from '../exit';
import { instantOf, periodOf } from './instant';

/** What the command line says of the range. */
export interface RangeOptions {
  from?: string;
  to?: string;
  month?: string;
  quarter?: string;
  last?: string;
}

/** The range of a report: half-open, in ms since the epoch. */
export interface NamedRange extends Span {
  /** For people: `2026-10`, `2026-Q3`, `last 30 days`; absent where only the ends say it. */
  label?: string;
}

/** As Grafana, where a query gives none (contract rule 12). */
const defaultLast = '24h';

const calendarUnits = periodUnits.filter((unit) => unit !== 'hour');
const lengths = { h: hourMs, d: dayMs, w: 7 * dayMs } as const;
const lengthNames = { h: 'hours', d: 'days', w: 'weeks' } as const;

/**
 * The range that the options name, in a time zone (IANA name); both ends of `from` and `to` are inclusive (contract rule 5), a date
 * being its whole day. `now` in ms since the epoch. Throws a told error for options that name none, several, or an empty one.
 */
export function rangeOf(options: RangeOptions, zone: string, now: number): NamedRange {
  const { from, to, month, quarter, last } = options;
  const ways = [
    from !== undefined || to !== undefined ? '--from/--to' : undefined,
    month !== undefined ? '--month' : undefined,
    quarter !== undefined ? '--quarter' : undefined,
    last !== undefined ? '--last' : undefined,
  ].filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw usageError(`${ways.join(' and ')} exclude each other; give one of them`);
  }
  if (month !== undefined) {
    return monthOf(month, zone);
  }
  if (quarter !== undefined) {
    return quarterOf(quarter, zone);
  }
  if (from !== undefined || to !== undefined) {
    return between(from, to, zone, now);
  }
  return lastOf(last ?? defaultLast, zone, now);
}

function between(from: string | undefined, to: string | undefined, zone: string, now: number): NamedRange {
  if (from === undefined) {
    throw usageError('--to needs --from');
  }
  const range = {
    start: instantOf(from, '--from', zone, now).start,
    end: to === undefined ? now + 1 : instantOf(to, '--to', zone, now).end,
  };
  if (isEmpty(range)) {
    throw usageError(`--to (${to ?? 'now'}) is before --from (${from})`);
  }
  return range;
}

function monthOf(text: string, zone: string): NamedRange {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text)) {
    throw usageError(`--month: "${text}" is not a month; use one such as 2026-10`);
  }
  return { ...periodOf(`${text}-01`, '--month', 'month', zone), label: text };
}

function quarterOf(text: string, zone: string): NamedRange {
  const [, year, number] = /^(\d{4})-?Q([1-4])$/i.exec(text) ?? [];
  if (year === undefined || number === undefined) {
    throw usageError(`--quarter: "${text}" is not a quarter; use one such as 2026-Q3`);
  }
  const first = String(3 * Number(number) - 2).padStart(2, '0');
  return { ...periodOf(`${year}-${first}-01`, '--quarter', 'quarter', zone), label: `${year}-Q${number}` };
}

function lastOf(text: string, zone: string, now: number): NamedRange {
  const [, count, short] = /^([1-9]\d{0,3})([hdw])$/.exec(text) ?? [];
  if (count !== undefined && short !== undefined) {
    const unit = short as keyof typeof lengths;
    // As in Grafana, both ends belong to it.
    return { start: now - Number(count) * lengths[unit], end: now + 1, label: `last ${count} ${lengthNames[unit]}` };
  }
  const [, many = '1', name] = /^([1-9]\d{0,2})?\s*([a-z]+?)s?$/.exec(text) ?? [];
  const unit = calendarUnits.find((known) => known === name);
  if (unit === undefined) {
    throw usageError(
      `--last: "${text}" is not a valid range; use a length up to now such as 24h, 30d or 2w, or whole calendar periods such as month, quarter or 6months`
    );
  }
  return wholePeriods(Number(many), unit, zone, now);
}

/** So many whole periods before the present one. */
function wholePeriods(count: number, unit: PeriodUnit, zone: string, now: number): NamedRange {
  const end = startOf(now, unit, zone);
  let start = end;
  for (let index = 0; index < count; index += 1) {
    start = startOf(start - 1, unit, zone);
  }
  const labelOf = (time: number) => periodsOf({ start: time, end: time + 1 }, unit, zone)[0]?.label ?? '';
  const label = count === 1 ? labelOf(start) : `${labelOf(start)} to ${labelOf(end - 1)}`;
  return { start, end, label };
}
