import { tzOffset } from '@date-fns/tz/tzOffset';

import { minuteMs } from './duration';

/**
 * A clock's time in a zone, in ms: what its face shows, as if it stood at Greenwich. The getters and setters of `Date` that
 * end in `UTC` read and change it.
 */
export type Local = number;

/** True for a zone name (IANA) that the runtime knows. */
export function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone: name }));
  } catch {
    return false;
  }
}

/** How far clocks of a zone (IANA name) are ahead of UTC at a time, in ms; NaN for an unknown zone. */
export function offsetAt(time: number, zone: string): number {
  return tzOffset(zone, new Date(time)) * minuteMs;
}

/**
 * The time (ms since the epoch) at which a clock shows what `local` says. Of a time that comes twice, because clocks are set
 * back, the one with the given offset (ms) or the one that is nearer to it; of a time that is left out, because they are set
 * forward, the one that is as much later.
 */
export function timeOf(local: Local, zone: string, offset: number): number {
  const guess = local - offset;
  const there = offsetAt(guess, zone);
  if (there === offset) {
    return guess;
  }
  const better = offsetAt(local - there, zone);
  return local - (better === there ? there : Math.min(there, better));
}
