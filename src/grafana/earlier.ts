import { periodUnits, startOf, timeZoneOf } from '../core/domain/periods';
import { type Span } from '../core/domain/span';
import { type OscarQuery } from './types';

const maxPeriods = 24;

/** Says what is wrong with the periods before the range of a query; undefined when nothing is. */
export function periodsBeforeProblem({ periodsBefore, interval }: OscarQuery): string | undefined {
  if (periodsBefore === undefined || periodsBefore === null) {
    return undefined;
  }
  if (!Number.isInteger(periodsBefore) || periodsBefore < 1 || periodsBefore > maxPeriods) {
    return `periodsBefore must be a whole number from 1 to ${maxPeriods}`;
  }
  return periodUnits.some((unit) => unit === interval)
    ? undefined
    : `periodsBefore needs an interval; valid are: ${periodUnits.join(', ')}`;
}

/**
 * The range with whole calendar periods before it, in a time zone as Grafana names it: from the start of the one that is so many
 * before the one that the range begins in. Lengths of months and changes of the clock make no difference.
 */
export function withPeriodsBefore(range: Span, { periodsBefore, interval }: OscarQuery, zone: string): Span {
  if (!periodsBefore || !interval || interval === 'auto') {
    return range;
  }
  const knownZone = timeZoneOf(zone) ?? 'utc';
  let start = startOf(range.start, interval, knownZone);
  for (let count = 0; count < periodsBefore; count += 1) {
    start = startOf(start - 1, interval, knownZone);
  }
  return { ...range, start };
}
