import { type Span } from '../../src/core/domain/span';
import { offsetAt } from '../../src/core/domain/zone';
import { offsetText } from './instant';
import { type NamedRange } from './range';

/** A zone's name as people write it. */
export function zoneName(zone: string): string {
  return zone === 'utc' ? 'UTC' : zone;
}

/** A time on the zone's clocks with its offset: `2026-10-01T00:00:00.000+02:00`. */
function localTime(time: number, zone: string): string {
  const offset = offsetAt(time, zone);
  return `${new Date(time + offset).toISOString().slice(0, -1)}${offsetText(offset)}`;
}

/** `2026-10 (2026-10-01T00:00:00.000+02:00 to 2026-10-31T23:59:59.999+01:00)`: both ends inclusive. */
export function rangeText({ start, end, label }: NamedRange, zone: string): string {
  const ends = `${localTime(start, zone)} to ${localTime(end - 1, zone)}`;
  return label === undefined ? ends : `${label} (${ends})`;
}

/** A time on the zone's clocks, to the minute: `2026-10-01 00:00`. */
export function clockTime(time: number, zone: string): string {
  return localTime(time, zone).slice(0, 16).replace('T', ' ');
}

/** `2026-10: 2026-10-01 00:00 to 2026-10-31 23:59`; both minutes belong to it. */
export function shortRange({ start, end, label }: NamedRange, zone: string): string {
  return `${label === undefined ? '' : `${label}: `}${clockTime(start, zone)} to ${clockTime(end - 1, zone)}`;
}

/** Why a range is not over yet; undefined when it is. */
export function notOver({ start, end }: Span, zone: string, now: number): string | undefined {
  if (start > now) {
    return 'the range is in the future';
  }
  // Up to now, as "the last 30 days" are.
  return end > now + 1 ? `the range has not ended yet: figures are those up to ${localTime(now, zone)}` : undefined;
}
