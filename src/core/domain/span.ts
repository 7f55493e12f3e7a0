import { minuteMs } from './duration';

/** A stretch of time in ms since the epoch: `start` inclusive, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/**
 * The half-open form of a dashboard's range, whose two ends are both inclusive at millisecond resolution
 * (contract rule 5).
 */
export function spanOfInclusive(from: number, to: number): Span {
  return { start: from, end: to + 1 };
}

/** Grafana's picker sets 23:59:59.000 for the end of a day. */
const pickedMs = 999;

/**
 * Both ends at the last full minute (UTC) before them, or at the one that is less than a second ahead. Adjacent spans stay
 * adjacent.
 */
export function inWholeMinutes({ start, end }: Span): Span {
  const minute = (time: number) => time + pickedMs - ((time + pickedMs) % minuteMs);
  return { start: minute(start), end: minute(end) };
}

export function lengthOf(span: Span): number {
  return Math.max(0, span.end - span.start);
}

/** Length of all spans together. What two of them share counts twice. */
export function totalLength(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + lengthOf(span), 0);
}

export function isEmpty(span: Span): boolean {
  return span.end <= span.start;
}

/** Sorted, non-overlapping, non-touching spans that cover the same time. */
export function unionOf(spans: readonly Span[]): Span[] {
  const sorted = spans.filter((span) => !isEmpty(span)).sort((a, b) => a.start - b.start);
  const merged: Span[] = [];
  for (const span of sorted) {
    const last = merged[merged.length - 1];
    if (last && span.start <= last.end) {
      last.end = Math.max(last.end, span.end);
    } else {
      merged.push({ ...span });
    }
  }
  return merged;
}

/** The parts of `span` that none of `covered` holds, ascending. */
export function gapsIn(span: Span, covered: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let start = span.start;
  for (const part of unionOf(covered)) {
    if (part.end <= span.start || part.start >= span.end) {
      continue;
    }
    if (part.start > start) {
      gaps.push({ start, end: part.start });
    }
    start = Math.max(start, part.end);
  }
  if (start < span.end) {
    gaps.push({ start, end: span.end });
  }
  return gaps;
}

/** The parts of `spans` that lie inside `window`. */
export function clip(spans: readonly Span[], window: Span): Span[] {
  return spans
    .map((span) => ({ start: Math.max(span.start, window.start), end: Math.min(span.end, window.end) }))
    .filter((span) => !isEmpty(span));
}
