import { dayMs, hourMs, quarterHourMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { type Granularity, type Grid, nextHardEdge } from './grid';

const windowLengths: Readonly<Record<Granularity, number>> = { day: dayMs, hour: hourMs, quarter: quarterHourMs };

/** Adjacent windows of one length: [start, start + windowMs), and so on; ms since the epoch. */
export interface Block {
  start: number;
  windowMs: number;
  windows: number;
}

export function spanOf({ start, windowMs, windows }: Block): Span {
  return { start, end: start + windows * windowMs };
}

/** Window number `index` of a block. */
export function windowOf({ start, windowMs }: Block, index: number): Span {
  return { start: start + index * windowMs, end: start + (index + 1) * windowMs };
}

/** Some adjacent windows of a block. */
export function partOf({ start, windowMs }: Block, { first, windows }: { first: number; windows: number }): Block {
  return { start: start + first * windowMs, windowMs, windows };
}

/** The same time in windows that are `parts` times shorter. */
export function divided({ start, windowMs, windows }: Block, parts: number): Block {
  return { start, windowMs: windowMs / parts, windows: windows * parts };
}

/**
 * Cuts a span into blocks of days, or of shorter windows where those are asked for, and the rest: no window crosses an edge of the
 * grid, a block has at least two windows and is as long as `maxLengthMs` allows for one unsplit query about it.
 */
export function blocksOf(span: Span, grid: Grid, maxLengthMs: number): { blocks: Block[]; rest: Span[] } {
  const windowMs = windowLengths[grid.granularity];
  const most = Math.floor((maxLengthMs / windowMs + 1) / 2);
  const blocks: Block[] = [];
  const rest: Span[] = [];
  const leave = (part: Span) => {
    const last = rest[rest.length - 1];
    if (last?.end === part.start) {
      last.end = part.end;
    } else {
      rest.push(part);
    }
  };
  let start = span.start;
  while (start < span.end) {
    let windows = 0;
    while (isWindow({ start: start + windows * windowMs, end: start + (windows + 1) * windowMs }, span, grid)) {
      windows += 1;
    }
    if (most < 2 || windows < 2) {
      const end = Math.min(span.end, nextHardEdge(grid, start));
      leave({ start, end });
      start = end;
      continue;
    }
    for (let blocksLeft = Math.ceil(windows / most); blocksLeft > 0; blocksLeft -= 1) {
      const share = Math.ceil(windows / blocksLeft);
      if (share > 1) {
        blocks.push({ start, windowMs, windows: share });
      } else {
        leave({ start, end: start + windowMs });
      }
      start += share * windowMs;
      windows -= share;
    }
  }
  return { blocks, rest };
}

function isWindow({ start, end }: Span, span: Span, grid: Grid): boolean {
  return end <= span.end && nextHardEdge(grid, start) >= end;
}

/** How to have some adjacent windows evaluated by one query, in ms. */
export interface Evaluation {
  /** Evaluation times `first`, `first + windowMs`, … `last`, multiples of `windowMs` since the epoch, as Loki wants them. */
  first: number;
  last: number;
  /** Looks back from `first` to the last millisecond of the first window (contract rule 5). */
  offsetMs: number;
  /** A range with which Loki does not split the query (`unsplit` in expr/logql.ts); 0 for a single window. */
  unsplitMs: number;
}

/**
 * Loki splits at multiples of the longest range since the epoch. A range of which a multiple lies just before `first`,
 * and which reaches beyond `last`, has none in between.
 */
export function evaluationOf({ start, windowMs, windows }: Block): Evaluation {
  const endOfFirst = start + windowMs;
  const first = Math.ceil(endOfFirst / windowMs) * windowMs;
  const last = first + (windows - 1) * windowMs;
  // A quarter of a window is more than what rounding takes off the multiples, and keeps within the limit of length.
  const multiples = Math.max(1, Math.floor(first / (last - first + windowMs / 4)));
  return {
    first,
    last,
    offsetMs: first - endOfFirst + 1,
    unsplitMs: windows > 1 ? Math.floor(first / multiples) : 0,
  };
}
