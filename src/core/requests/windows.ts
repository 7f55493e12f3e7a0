import { dayMs, hourMs, quarterHourMs } from '../domain/duration';
import { gapsIn, type Span } from '../domain/span';
import { unsplitRange } from '../expr/logql';
import { type Granularity, type Grid, nextHardEdge } from './grid';

const windowLengths: Readonly<Record<Granularity, number>> = { day: dayMs, hour: hourMs, quarter: quarterHourMs };

/** Adjacent windows of one length: [start, start + windowMs), and so on; ms since the epoch. */
export interface Batch {
  start: number;
  windowMs: number;
  windows: number;
}

export function spanOf({ start, windowMs, windows }: Batch): Span {
  return { start, end: start + windows * windowMs };
}

/** Window number `index` of a batch. */
export function windowOf({ start, windowMs }: Batch, index: number): Span {
  return { start: start + index * windowMs, end: start + (index + 1) * windowMs };
}

/** Some adjacent windows of a batch, from number `first` on. */
export interface Windows {
  first: number;
  windows: number;
}

/** The longest runs of windows that pass a test, ascending. */
export function runsOf(windows: number, passes: (index: number) => boolean): Windows[] {
  const runs: Windows[] = [];
  let first = 0;
  for (let index = 0; index <= windows; index += 1) {
    if (index === windows || !passes(index)) {
      runs.push({ first, windows: index - first });
      first = index + 1;
    }
  }
  return runs.filter((run) => run.windows > 0);
}

export function partOf({ start, windowMs }: Batch, { first, windows }: Windows): Batch {
  return { start: start + first * windowMs, windowMs, windows };
}

/** The same time in windows that are `parts` times shorter. */
export function divided({ start, windowMs, windows }: Batch, parts: number): Batch {
  return { start, windowMs: windowMs / parts, windows: windows * parts };
}

/** The longest batches: these blocks of time since the epoch. A query is the same for everyone who asks about such a block. */
const blockMs = 15 * dayMs;

/**
 * Cuts a span into batches of days, or of shorter windows where those are asked for, and the rest: no window crosses an edge of the
 * grid, and of adjacent windows there are at least two. A batch ends where a block of `blockMs` does, or a shorter one, where `maxLengthMs` allows no
 * unsplit query about so much time. A window is of the block in which it begins.
 */
export function batchesOf(span: Span, grid: Grid, maxLengthMs: number): { batches: Batch[]; rest: Span[] } {
  const windowMs = windowLengths[grid.granularity];
  const most = Math.min(blockMs / windowMs, Math.floor((maxLengthMs / windowMs + 1) / 2));
  const blockOf = (time: number) => Math.floor(time / (most * windowMs));
  const batches: Batch[] = [];
  let start = span.start;
  while (start < span.end) {
    const run: Batch[] = [];
    let end = start;
    while (most >= 2 && isWindow({ start: end, end: end + windowMs }, span, grid)) {
      const last = run.at(-1);
      if (last && blockOf(last.start) === blockOf(end)) {
        last.windows += 1;
      } else {
        run.push({ start: end, windowMs, windows: 1 });
      }
      end += windowMs;
    }
    const isAlone = end - start <= windowMs;
    batches.push(...(isAlone ? [] : run));
    start = isAlone ? Math.min(span.end, nextHardEdge(grid, start)) : end;
  }
  return { batches, rest: gapsIn(span, batches.map(spanOf)) };
}

function isWindow({ start, end }: Span, span: Span, grid: Grid): boolean {
  return end <= span.end && nextHardEdge(grid, start) >= end;
}

/** How to have some adjacent windows evaluated by one query, in ms. */
export interface Evaluation {
  /** Evaluation times `first`, `first + stepMs`, … `last`, multiples of `stepMs` since the epoch, as Loki wants them. */
  first: number;
  last: number;
  /** Between evaluation times; 1 for a single window, whose end is its evaluation time. */
  stepMs: number;
  /** Looks back from `first` to the last millisecond of the first window (contract rule 5). */
  offsetMs: number;
  /** A range with which Loki does not split the query (`unsplit` in expr/logql.ts); 0 for a single window. */
  unsplitMs: number;
}

export function evaluationOf({ start, windowMs, windows }: Batch): Evaluation {
  const endOfFirst = start + windowMs;
  if (windows === 1) {
    return { first: endOfFirst, last: endOfFirst, stepMs: 1, offsetMs: 1, unsplitMs: 0 };
  }
  const first = Math.ceil(endOfFirst / windowMs) * windowMs;
  const last = first + (windows - 1) * windowMs;
  const unsplitMs = unsplitRange(first, last, windowMs);
  return { first, last, stepMs: windowMs, offsetMs: first - endOfFirst + 1, unsplitMs };
}
