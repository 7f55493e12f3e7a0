import { hourMs, minuteMs } from '../../domain/duration';
import { gapsIn, lengthOf, type Span } from '../../domain/span';

export const maxLookbackMs = 26 * hourMs;

/** Scraping that begins, or begins again, has reached all nodes within this time. */
const beginningMs = 15 * minuteMs;

/**
 * Of a time before which no hour with scrapes was found: until when counters may show for the first time though they were there before, in
 * ms. Scraping began at the end of the gap that holds the time, or of the last one before it.
 */
export function oldUntilAt(time: number, gaps: readonly Span[]): number {
  const [scraped] = gapsIn({ start: time, end: Infinity }, gaps);
  const ends = gaps.map(({ end }) => end).filter((end) => end <= time);
  const began = scraped && scraped.start > time ? scraped.start : Math.max(time - maxLookbackMs, ...ends);
  return began + beginningMs;
}

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
