import { type PeriodUnit, startAfter, startOf } from '../../src/core/domain/periods';
import { type Span } from '../../src/core/domain/span';
import { isoTime } from '../../src/core/domain/text';
import { offsetAt } from '../../src/core/domain/zone';
import { usageError } from '../exit';

const date = /^(\d{4})-(\d\d)-(\d\d)$/;
const dateTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?$/;

/**
 * What a text of the command line names, in a time zone (IANA name): a whole day for a date, a millisecond for a time, and for `now`.
 * A time without an offset is one of the zone's clocks. Throws a told error for what is no time, and for a time that clocks of the
 * zone show twice or never.
 */
export function instantOf(text: string, option: string, zone: string, now: number): Span {
  if (text === 'now') {
    return { start: now, end: now + 1 };
  }
  if (date.test(text)) {
    return dayOf(text, option, zone);
  }
  const [, day, time, offset] = dateTime.exec(text) ?? [];
  if (day === undefined || time === undefined) {
    throw usageError(
      `${option}: "${text}" is no time; use a date such as 2026-10-01, a time such as 2026-10-01T08:00 or 2026-10-01T08:00+02:00, or now`
    );
  }
  const start =
    offset === undefined ? onClock(`${day}T${time}`, option, zone) : parsed(`${day}T${time}${offset}`, option);
  return { start, end: start + 1 };
}

/** Throws for what is no time of the calendar, such as the 31st of June. */
function parsed(text: string, option: string): number {
  const time = Date.parse(text);
  const [day = ''] = text.split('T');
  const isOfCalendar =
    !Number.isNaN(Date.parse(`${day}T00:00Z`)) && isoTime(Date.parse(`${day}T00:00Z`)).startsWith(day);
  if (Number.isNaN(time) || !isOfCalendar) {
    throw usageError(`${option}: there is no ${text}`);
  }
  return time;
}

function dayOf(text: string, option: string, zone: string): Span {
  // Noon is never in doubt.
  const local = parsed(`${text}T12:00:00Z`, option);
  const start = startOf(local - offsetAt(local, zone), 'day', zone);
  return { start, end: startAfter(start, 'day', zone) };
}

function onClock(text: string, option: string, zone: string): number {
  const local = parsed(`${text}Z`, option);
  const candidates = new Set(
    [local - 24 * 3_600_000, local + 24 * 3_600_000].map((near) => local - offsetAt(near, zone))
  );
  const times = [...candidates].filter((time) => time + offsetAt(time, zone) === local).sort((a, b) => a - b);
  const [first] = times;
  if (first === undefined) {
    throw usageError(
      `${option}: clocks in ${zone} are set forward over ${text}; name a time that they show, or add an offset`
    );
  }
  if (times.length > 1) {
    const ways = times.map((time) => `${text}${offsetText(offsetAt(time, zone))}`);
    throw usageError(`${option}: clocks in ${zone} show ${text} twice; add an offset: ${ways.join(' or ')}`);
  }
  return first;
}

/** `+02:00` */
export function offsetText(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A calendar period by the start of its first day, `2026-10-01`. */
export function periodOf(firstDay: string, option: string, unit: PeriodUnit, zone: string): Span {
  const { start } = dayOf(firstDay, option, zone);
  return { start, end: startAfter(start, unit, zone) };
}
