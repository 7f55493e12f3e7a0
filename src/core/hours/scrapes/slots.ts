import { minuteMs } from '../../domain/duration';
import { lengthOf, type Span, unionOf } from '../../domain/span';

/** Length of slots by what they are read from: `up` of targets, or samples of the series. */
export const slotMs = { up: 10 * minuteMs, series: 60 * minuteMs };

/** When a kind of series was scraped. */
export interface Scrapes {
  /** Spans in which too little was scraped: whole slots of ten minutes, or of an hour where there is no `up`. */
  gaps: Span[];
  /** Usual time between two scrapes, in ms; undefined when nothing was ever scraped. */
  intervalMs: number | undefined;
  /** How long a sample counts outside of the gaps, in ms: until the next one was there, with a little to spare. */
  lookBackMs: number | undefined;
}

/** Scrapes in a slot of time: of the target with most, those that failed, and targets that were down throughout. */
export interface Slot extends Span {
  scrapes: number;
  failed: number;
  down: number;
}

export function isSilent({ scrapes, failed }: Slot): boolean {
  return scrapes === 0 && failed === 0;
}

/**
 * A gap is a slot with less than a share of the usual scrapes, or in which a target failed more often than that allows
 * or throughout.
 */
export function assessSlots(slots: readonly Slot[], minShare: number): Scrapes {
  const counts = slots.map(({ scrapes }) => scrapes).filter((count) => count > 0);
  const usual = counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  const isPoor = ({ scrapes, failed, down }: Slot) =>
    scrapes === 0 ||
    down > 0 ||
    // Where the interval does not divide a slot, one slot has a scrape more than the other.
    (scrapes < usual * minShare && scrapes < usual - 1) ||
    failed > usual - usual * minShare;
  const gaps = unionOf(slots.filter(isPoor).map(({ start, end }) => ({ start, end })));
  const [first] = slots;
  if (usual === 0 || !first) {
    return { gaps, intervalMs: undefined, lookBackMs: undefined };
  }
  // Two slots together know an interval that does not divide one of them, and one that changed for a while.
  const pairs = slots.flatMap((slot, index) => {
    const before = slots[index - 1];
    return before && !isPoor(slot) && !isPoor(before) ? [slot.scrapes + before.scrapes] : [];
  });
  const fewest = pairs.reduce((least, scrapes) => Math.min(least, scrapes), Infinity);
  const longestMs = (2 * lengthOf(first)) / (Number.isFinite(fewest) ? fewest : 2 * usual);
  // The mean, because the median of slots with two and three scrapes in turn is either.
  const whole = slots.filter((slot) => !isPoor(slot));
  const scrapes = whole.reduce((sum, slot) => sum + slot.scrapes, 0);
  const meanMs = scrapes > 0 ? (whole.length * lengthOf(first)) / scrapes : lengthOf(first) / usual;
  const intervalMs = Math.max(1000, Math.round(meanMs / grainMs) * grainMs);
  return { gaps, intervalMs, lookBackMs: Math.ceil((longestMs * spare) / grainMs) * grainMs };
}

/** Scrapes are not on time to the millisecond. */
const spare = 1.1;

/** Two readings of the same scrapes that differ a little must not give different hours. */
const grainMs = 5000;
