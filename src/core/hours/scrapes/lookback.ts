import { hourMs } from '../../domain/duration';
import { lengthOf, type Span } from '../../domain/span';

export const maxLookbackMs = 26 * hourMs;

/**
 * How far before a moment counters have to be looked for, so that at least an hour with scrapes lies in between; and
 * whether that hour was found. Where it was not, a new counter can't be distinguished from one that was there before.
 */
export function lookbackAt(time: number, gaps: readonly Span[]): { lookbackMs: number; found: boolean } {
  let lookbackMs = hourMs;
  for (;;) {
    const from = time - lookbackMs;
    const lost = gaps.reduce(
      (sum, gap) => sum + lengthOf({ start: Math.max(gap.start, from), end: Math.min(gap.end, time) }),
      0
    );
    if (hourMs + lost <= lookbackMs) {
      return { lookbackMs, found: true };
    }
    lookbackMs = hourMs + lost;
    if (lookbackMs > maxLookbackMs) {
      return { lookbackMs: maxLookbackMs, found: false };
    }
  }
}
