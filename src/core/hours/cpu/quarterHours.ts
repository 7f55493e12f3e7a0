import { type Span } from '../../domain/span';
import { ExactSums } from '../../domain/sums';
import { quarterHourMs } from '../../expr/promqlCpu';

/** Whole quarter hours of a window, and the shares of those that its ends cut. */
export interface QuarterPlan {
  /** Empty when the window holds no whole quarter hour. */
  whole: Span;
  cut: Array<{ end: number; share: number }>;
}

/** CPU seconds by OSCAR's label `service` in some quarter hours, and the share of them that counts. */
export interface QuarterSeconds {
  readonly seconds: ReadonlyMap<string, number>;
  readonly share: number;
}

/** Lays a window over the quarter hours, which begin at multiples of their length. */
export function quarterPlan({ start, end }: Span): QuarterPlan {
  const first = Math.ceil(start / quarterHourMs) * quarterHourMs;
  const last = Math.floor(end / quarterHourMs) * quarterHourMs;
  if (first > last) {
    // Both ends lie in one quarter.
    return { whole: { start: first, end: first }, cut: [{ end: first, share: (end - start) / quarterHourMs }] };
  }
  return {
    whole: { start: first, end: last },
    cut: [
      ...(start < first ? [{ end: first, share: (first - start) / quarterHourMs }] : []),
      ...(end > last ? [{ end: last + quarterHourMs, share: (end - last) / quarterHourMs }] : []),
    ],
  };
}

/** CPU seconds by label `service` of all quarter hours of a window. */
export function secondsOfQuarters(quarters: readonly QuarterSeconds[]): Map<string, number> {
  const sums = new ExactSums<string>();
  for (const { seconds, share } of quarters) {
    seconds.forEach((value, label) => sums.add(label, value * share));
  }
  return sums.toMap();
}
