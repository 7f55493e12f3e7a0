import { catchError, defer, map, Observable, Subscription, switchMap, tap, throwError } from 'rxjs';

import { lengthOf, type Span } from '../domain/span';
import { meaningOf, toUpstreamError, UpstreamError } from '../upstream/errors';
import { type Cell } from './cell';
import { type Grid, nextHardEdge, nextHour } from './grid';
import { type LoadEvent, type LoaderDependencies } from './loadEvent';
import { learnLookBack, saysTooOld, withinLookBack } from './lookBack';
import { type PieceSizer, type ReadAs } from './pieceSizer';
import { cellOf, type ReadCell, readCounts, readLines, TooManyLines, UnusableLines } from './spanReader';

/** A span that fails even though it is this short is given up, unless it fails for its series. */
const shortestFailingMs = 60_000;

/** A piece of this length that is too much in bytes or chunks says that others will be, too. */
const shortSizeMs = 3_600_000;

/** Requests in a row that brought no answer, after which the engine is taken to be unable to answer. */
const mostFailuresInARow = 12;

const tooDense = new UpstreamError(
  'series-limit',
  'more different lines in one millisecond than one answer of Loki may hold'
);

/** A span to read. */
interface Todo extends Span {
  /** How to read it where that is decided: lines after too many series, counts after lines of no use. */
  readAs?: ReadAs;
}

interface Piece extends Required<Todo> {
  /** False where lines were tried, and for families whose lines are not understood here. */
  mayBeLines: boolean;
}

/**
 * Reads spans completely: as few requests as the limits allow, shorter ones where a limit shows. Emits each piece as
 * a cell, or as missing with the reason; together they cover the spans exactly once. `known` is an error that was met before.
 * Never errors.
 */
export function loadPieces(
  spans: readonly Span[],
  grid: Grid,
  deps: LoaderDependencies,
  known?: UpstreamError
): Observable<LoadEvent> {
  return new Observable<LoadEvent>((subscriber) => {
    const todo = spans.map((span): Todo => ({ ...span }));
    const all = new Subscription();
    let active = 0;
    let failure = known && meaningOf(known).sameForAll ? known : undefined;
    let failuresInARow = 0;

    const emit = (event: LoadEvent) => subscriber.next(event);
    const settle = () => {
      active -= 1;
      advance();
    };
    const fail = (piece: Piece, error: unknown) => {
      const { start, end } = piece;
      const ofLines = afterLines(piece, error, grid, deps.sizer);
      if (ofLines) {
        todo.unshift(...ofLines);
        return;
      }
      const reason = toUpstreamError(error);
      failuresInARow += saysNeverAnswers(piece, reason) ? 1 : 0;
      if (failuresInARow >= mostFailuresInARow) {
        failure ??= reason;
      }
      if (!failure && meaningOf(reason).splitHelps) {
        learnFrom(reason, piece, deps.sizer);
        const parts = partsOf(piece, reason, grid, deps.sizer);
        if (parts.length > 0) {
          todo.unshift(...parts);
          return;
        }
      }
      emit({ kind: 'missing', missing: { start, end, reason: isInstant(piece, reason) ? tooDense : reason } });
      if (meaningOf(reason).sameForAll) {
        failure ??= reason;
      }
    };
    const advance = () => {
      if (subscriber.closed) {
        return;
      }
      while (failure && todo.length > 0) {
        const { start, end } = todo.shift() as Todo;
        emit({ kind: 'missing', missing: { start, end, reason: failure } });
      }
      const { askable, early } = withinLookBack(todo, deps);
      todo.splice(0, todo.length, ...askable);
      early.forEach((missing) => emit({ kind: 'missing', missing }));
      while (active < deps.concurrency && todo.length > 0) {
        const piece = carve(todo, grid, deps);
        active += 1;
        const reading = new Subscription();
        all.add(reading);
        reading.add(
          defer(() => readPiece(piece, deps)).subscribe({
            next: (cell) => {
              failuresInARow = 0;
              emit({ kind: 'cell', cell });
            },
            error: (error: unknown) => {
              all.remove(reading);
              fail(piece, error);
              settle();
            },
            complete: () => {
              all.remove(reading);
              settle();
            },
          })
        );
      }
      if (active === 0 && todo.length === 0) {
        subscriber.complete();
      }
    };
    advance();
    return all;
  });
}

function saysNeverAnswers(piece: Span, reason: UpstreamError): boolean {
  const { kind } = reason;
  return meaningOf(reason).unanswered || (kind === 'size-limit' && lengthOf(piece) <= shortSizeMs);
}

/** Takes the next piece off the spans to do. */
function carve(todo: Todo[], grid: Grid, { sizer, family }: LoaderDependencies): Piece {
  const first = todo[0] as Todo;
  const mayBeLines = family.extract !== undefined && first.readAs !== 'counts';
  const hardEnd = Math.min(first.end, nextHardEdge(grid, first.start));
  const { end, readAs } =
    first.readAs === 'lines'
      ? { end: hardEnd, readAs: first.readAs }
      : sizer.next(first.start, hardEnd, (time) => nextHour(grid, time), mayBeLines);
  const piece = { start: first.start, end, readAs, mayBeLines };
  if (end >= first.end) {
    todo.shift();
  } else {
    first.start = end;
  }
  return piece;
}

/** What to read instead of a piece whose lines were counted but can't be taken; undefined for any other error. */
function afterLines(piece: Piece, error: unknown, grid: Grid, sizer: PieceSizer): Todo[] | undefined {
  const asCounts: Todo[] = [{ start: piece.start, end: piece.end, readAs: 'counts' }];
  if (error instanceof TooManyLines) {
    sizer.learnTooManyLines(piece, error.lines);
    return lengthOf(piece) > 1 ? halves(piece, grid) : asCounts;
  }
  if (!(error instanceof UnusableLines)) {
    return undefined;
  }
  const { because } = error;
  if (because instanceof UpstreamError && because.kind === 'entries-limit') {
    sizer.learnFewerEntries(because.limit);
  } else if (because === 'too-many') {
    // Lines came in the meantime: they concern the end of the piece only.
    return lengthOf(piece) > shortestFailingMs ? halves(piece, grid) : asCounts;
  } else if (because === 'too-few' || !meaningOf(because).saysNothing) {
    sizer.learnLines(false);
  }
  return asCounts;
}

/**
 * What to read instead of a piece that is too much: its lines where it has too many series for counts, or its halves; nothing
 * where it can't be cut any further.
 */
function partsOf(piece: Piece, reason: UpstreamError, grid: Grid, sizer: PieceSizer): Todo[] {
  const { start, end, readAs, mayBeLines } = piece;
  const hasTooManySeries = reason.kind === 'series-limit';
  // Few lines are read as counts after all, and must not come back here as they were.
  if (hasTooManySeries && readAs === 'counts' && mayBeLines && (sizer.mayReadLines || isInstant(piece, reason))) {
    return [{ start, end, readAs: 'lines' }];
  }
  return lengthOf(piece) > (hasTooManySeries ? 1 : shortestFailingMs) ? halves(piece, grid) : [];
}

/** True for a millisecond that has too many series. */
function isInstant(piece: Span, { kind }: UpstreamError): boolean {
  return kind === 'series-limit' && lengthOf(piece) <= 1;
}

/** The two halves of a piece, cut at a full hour where there is one inside. */
function halves({ start, end, readAs, mayBeLines }: Piece, grid: Grid): Todo[] {
  const decided = mayBeLines ? {} : { readAs };
  const middle = start + Math.floor((end - start) / 2);
  const hour = nextHour(grid, middle - 1);
  const cut = hour > start && hour < end ? hour : middle;
  return [
    { start, end: cut, ...decided },
    { start: cut, end, ...decided },
  ];
}

function learnFrom(reason: UpstreamError, piece: Span, sizer: PieceSizer): void {
  if (reason.kind === 'series-limit') {
    sizer.learnTooManySeries(piece, reason.limit);
  } else if (reason.kind === 'length-limit') {
    sizer.learnTooLong(piece, reason.limit);
  } else if (!saysTooOld(reason)) {
    sizer.learnTooSlow(piece);
  }
}

function readPiece({ start, end, readAs }: Piece, deps: LoaderDependencies): Observable<Cell> {
  const { sizer } = deps;
  const span = { start, end };
  return readCell(span, readAs, deps).pipe(
    catchError((error: unknown) =>
      learnLookBack(toUpstreamError(error), span, deps).pipe(switchMap(() => throwError(() => error)))
    ),
    tap(({ series, lines, engineMs }) => sizer.learn(span, series, lines, engineMs)),
    map(({ cell }) => cell)
  );
}

function readCell(span: Span, readAs: ReadAs, deps: LoaderDependencies): Observable<ReadCell> {
  const { client, family, sizer, table } = deps;
  if (readAs === 'lines' && family.extract) {
    return readLines(client, { ...family, extract: family.extract }, span, sizer.limits, table).pipe(
      tap(() => sizer.learnLines(true))
    );
  }
  return readCounts(client, family, span).pipe(map((counted) => cellOf(span, counted, table)));
}
