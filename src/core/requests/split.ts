import { catchError, concatMap, from, map, of, type Observable, switchMap, tap, throwError } from 'rxjs';

import { hourMs, minuteMs } from '../domain/duration';
import { lengthOf, type Span } from '../domain/span';
import { meaningOf, toUpstreamError, UpstreamError } from '../upstream/errors';
import { type CountReader, type ReadEvent } from './countReader';
import { type ReadAs } from './estimate';
import { type Grid, nextHardEdge, nextHour } from './grid';
import {
  learnLookBack,
  leave,
  lokiReader,
  type LokiSource,
  type Reading,
  saysTooOld,
  withinLookBack,
} from './lookBack';
import { learnUnusable, type ReadCell, readCounts, readLines, UnusableLines } from './queries';
import { runTasks } from './taskQueue';

/** Splits that are planned at the same time: what one of them teaches is for those after these. */
const splitsAhead = 3;

/** A span that fails even though it is this short is given up, unless it fails for its series. */
const shortestFailingMs = minuteMs;

/** A split of this length that is too much in bytes or chunks says that others will be, too. */
const shortSizeMs = hourMs;

/** Requests in a row that brought no answer, after which the engine is taken to be unable to answer. */
const maxFailuresInARow = 12;

const tooDense = new UpstreamError(
  'series-limit',
  'more different lines in one millisecond than one answer of Loki may hold'
);

/** A span to read. */
interface Todo extends Span {
  /** How to read it where that is decided: lines after too many series, counts after lines of no use. */
  readAs?: ReadAs;
}

interface Split extends Required<Todo> {
  /** False where lines were tried, and for families whose lines are not understood here. */
  mayBeLines: boolean;
}

/**
 * Reads any span, in as few requests as the limits allow, and in shorter ones where a limit shows. Leaves with the reason what
 * can't be read.
 */
export function splitReader(source: LokiSource): CountReader {
  return lokiReader(source, readSplits);
}

function readSplits(spans: readonly Span[], reading: Reading): Observable<ReadEvent> {
  const { estimate } = reading;
  const todo = spans.map((span): Todo => ({ ...span }));
  let failure: UpstreamError | undefined;
  let failuresInARow = 0;

  /** What is to be said of a split that failed, unless it is read in another way. */
  const fail = (split: Split, error: unknown): ReadEvent[] => {
    if (error instanceof UnusableLines) {
      todo.unshift(...afterLines(split, error, reading));
      return [];
    }
    const reason = toUpstreamError(error);
    const { unanswered, sameForAll } = meaningOf(reason);
    failuresInARow += unanswered || (reason.kind === 'size-limit' && lengthOf(split) <= shortSizeMs) ? 1 : 0;
    if (sameForAll || failuresInARow >= maxFailuresInARow) {
      failure ??= reason;
    }
    const parts = failure ? [] : partsOf(split, reason, reading);
    todo.unshift(...parts);
    return parts.length > 0 ? [] : [leave(split, isInstant(split, reason) ? tooDense : reason)];
  };
  const take = (split: Split, { cell, series, lines, engineMs }: ReadCell): ReadEvent[] => {
    failuresInARow = 0;
    estimate.learnSplit(split, series, lines, engineMs);
    return [{ kind: 'cell', cell }];
  };
  const next = (): Observable<() => ReadEvent[]> | undefined => {
    const { askable, early } = failure
      ? { askable: [], early: todo.map((span) => leave(span, failure)) }
      : withinLookBack(todo, reading);
    todo.splice(0, todo.length, ...askable);
    if (early.length > 0) {
      return of(() => early);
    }
    if (todo.length === 0) {
      return undefined;
    }
    const split = carve(todo, reading);
    return readSplit(split, reading).pipe(
      map((read) => () => take(split, read)),
      catchError((error: unknown) => of(() => fail(split, error)))
    );
  };
  return runTasks(next, () => splitsAhead).pipe(concatMap((learn) => from(learn())));
}

/** Takes the next split off the spans to do. */
function carve(todo: Todo[], { estimate, family, grid }: Reading): Split {
  const first = todo[0] as Todo;
  const mayBeLines = family.extract !== undefined && first.readAs !== 'counts';
  const hardEnd = Math.min(first.end, nextHardEdge(grid, first.start));
  const { end, readAs } =
    first.readAs === 'lines'
      ? { end: hardEnd, readAs: first.readAs }
      : estimate.nextSplit(first.start, hardEnd, (time) => nextHour(grid, time), mayBeLines);
  const split = { start: first.start, end, readAs, mayBeLines };
  if (end >= first.end) {
    todo.shift();
  } else {
    first.start = end;
  }
  return split;
}

/** What to read instead of a split whose lines were counted but can't be taken: counts, or halves where there are too many. */
function afterLines(split: Split, error: UnusableLines, { grid, estimate }: Reading): Todo[] {
  const { because } = error;
  // Lines that came in the meantime concern the end of the split only.
  const shortestMs = { 'too-many': 1, 'more-than-counted': shortestFailingMs, 'too-few': Infinity };
  learnUnusable(error, split, estimate);
  const mayHalve = !(because instanceof UpstreamError) && lengthOf(split) > shortestMs[because];
  return mayHalve ? halves(split, grid) : [{ start: split.start, end: split.end, readAs: 'counts' }];
}

/**
 * What to read instead of a split that is too much: its lines where it has too many series for counts, or its halves; nothing
 * where a smaller one fails as well, or it can't be cut any further.
 */
function partsOf(split: Split, reason: UpstreamError, { grid, estimate }: Reading): Todo[] {
  const { start, end, readAs, mayBeLines } = split;
  const hasTooManySeries = reason.kind === 'series-limit';
  if (!meaningOf(reason).splitHelps) {
    return [];
  }
  if (hasTooManySeries) {
    estimate.learnTooManySeries(split, reason.limit);
  } else if (reason.kind === 'length-limit') {
    estimate.learnTooLong(split, reason.limit);
  } else if (!saysTooOld(reason)) {
    estimate.learnTooSlow(split);
  }
  // Few lines are read as counts after all, and must not come back here as they were.
  if (hasTooManySeries && readAs === 'counts' && mayBeLines && (estimate.mayReadLines || isInstant(split, reason))) {
    return [{ start, end, readAs: 'lines' }];
  }
  return lengthOf(split) > (hasTooManySeries ? 1 : shortestFailingMs) ? halves(split, grid) : [];
}

/** True for a millisecond that has too many series. */
function isInstant(split: Span, { kind }: UpstreamError): boolean {
  return kind === 'series-limit' && lengthOf(split) <= 1;
}

/** The two halves of a split, cut at a full hour where there is one inside. */
function halves({ start, end, readAs, mayBeLines }: Split, grid: Grid): Todo[] {
  const decided = mayBeLines ? {} : { readAs };
  const middle = start + Math.floor((end - start) / 2);
  const hour = nextHour(grid, middle - 1);
  const cut = hour > start && hour < end ? hour : middle;
  return [
    { start, end: cut, ...decided },
    { start: cut, end, ...decided },
  ];
}

function readSplit({ start, end, readAs }: Split, reading: Reading): Observable<ReadCell> {
  const { family } = reading;
  const span = { start, end };
  const cell$ =
    readAs === 'lines' && family.extract
      ? readLines(span, family.extract, reading).pipe(tap(() => reading.estimate.learnLines(true)))
      : readCounts(span, reading);
  return cell$.pipe(
    catchError((error: unknown) =>
      learnLookBack(toUpstreamError(error), span, reading).pipe(switchMap(() => throwError(() => error)))
    )
  );
}
