import { defer, map, Observable, Subscription, tap } from 'rxjs';

import { lengthOf, type Span } from '../domain/span';
import { type LineFamily } from '../expr/logql';
import { toUpstreamError, type UpstreamError, type UpstreamErrorKind } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { buildCell, type Cell, type LineGroup } from './cell';
import { type Grid, nextHardEdge, nextHour } from './grid';
import { readByKeySpace } from './keySpaceReader';
import { type KeyTable } from './keyTable';
import { type PieceSizer, shortestLengthMs } from './pieceSizer';
import { type CountedLines, readCounts } from './spanReader';

/** A span that could not be read, and why. */
export interface MissingSpan extends Span {
  reason: UpstreamError;
}

export type LoadEvent = { kind: 'cell'; cell: Cell } | { kind: 'missing'; missing: MissingSpan };

export interface LoaderDependencies {
  client: LokiClient;
  family: LineFamily;
  table: KeyTable;
  sizer: PieceSizer;
  /** Requests of one load that are under way at the same time. */
  concurrency: number;
  now: () => number;
}

/** Errors after which a shorter span may succeed. */
const curedByCutting: ReadonlySet<UpstreamErrorKind> = new Set([
  'series-limit',
  'length-limit',
  'size-limit',
  'timeout',
  'malformed',
]);

/** Errors after which every other span would fail in the same way. */
const hopeless: ReadonlySet<UpstreamErrorKind> = new Set([
  'configuration',
  'authentication',
  'permission',
  'not-found',
  'bad-request',
  'unavailable',
]);

/** A span that brings no answer even though it is this short is given up. */
const shortestFailingMs = 60_000;

/** Errors of an engine that may not be able to answer at all. */
const mayNeverAnswer: ReadonlySet<UpstreamErrorKind> = new Set(['timeout', 'malformed']);

/** Requests in a row that brought no answer, after which the engine is taken to be unable to answer. */
const mostFailuresInARow = 12;

/**
 * Reads spans completely: as few requests as the limits allow, shorter ones where a limit shows. Emits each piece as
 * a cell, or as missing with the reason; together they cover the spans exactly once. Never errors.
 */
export function loadSpans(spans: readonly Span[], grid: Grid, deps: LoaderDependencies): Observable<LoadEvent> {
  return new Observable<LoadEvent>((subscriber) => {
    const todo = spans.map((span) => ({ ...span }));
    const all = new Subscription();
    let active = 0;
    let failure: UpstreamError | undefined;
    let failuresInARow = 0;

    const emit = (event: LoadEvent) => subscriber.next(event);
    const settle = () => {
      active -= 1;
      advance();
    };
    const fail = (piece: Span, reason: UpstreamError) => {
      failuresInARow += mayNeverAnswer.has(reason.kind) ? 1 : 0;
      if (failuresInARow >= mostFailuresInARow) {
        failure ??= reason;
      }
      if (!failure && curedByCutting.has(reason.kind) && canCut(piece, reason)) {
        learnFrom(reason, piece, deps.sizer);
        todo.unshift(...halves(piece, grid));
        return;
      }
      emit({ kind: 'missing', missing: { ...piece, reason } });
      if (hopeless.has(reason.kind)) {
        failure ??= reason;
      }
    };
    const advance = () => {
      if (subscriber.closed) {
        return;
      }
      while (failure && todo.length > 0) {
        emit({ kind: 'missing', missing: { ...(todo.shift() as Span), reason: failure } });
      }
      while (active < deps.concurrency && todo.length > 0) {
        const piece = carve(todo, grid, deps.sizer);
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
              fail(piece, toUpstreamError(error));
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

/** Takes the next piece off the spans to do. */
function carve(todo: Span[], grid: Grid, sizer: PieceSizer): Span {
  const first = todo[0] as Span;
  const hardEnd = Math.min(first.end, nextHardEdge(grid, first.start));
  const end = sizer.nextEnd(first.start, hardEnd, (time) => nextHour(grid, time));
  const piece = { start: first.start, end };
  if (end >= first.end) {
    todo.shift();
  } else {
    first.start = end;
  }
  return piece;
}

function canCut(piece: Span, { kind }: UpstreamError): boolean {
  const shortest = mayNeverAnswer.has(kind) ? shortestFailingMs : kind === 'length-limit' ? shortestLengthMs : 1;
  return lengthOf(piece) > shortest;
}

/** The two halves of a piece, cut at a full hour where there is one inside. */
function halves({ start, end }: Span, grid: Grid): Span[] {
  const middle = start + Math.floor((end - start) / 2);
  const hour = nextHour(grid, middle - 1);
  const cut = hour > start && hour < end ? hour : middle;
  return [
    { start, end: cut },
    { start: cut, end },
  ];
}

function learnFrom(reason: UpstreamError, piece: Span, sizer: PieceSizer): void {
  if (reason.kind === 'series-limit') {
    sizer.learnTooManySeries(piece, reason.limit);
  } else if (reason.kind === 'length-limit') {
    sizer.learnTooLong(piece, reason.limit);
  } else {
    sizer.learnTooSlow(piece);
  }
}

function readPiece(piece: Span, deps: LoaderDependencies): Observable<Cell> {
  const { client, family, table, sizer } = deps;
  // A single millisecond can't be cut any further in time.
  const counts: Observable<CountedLines> =
    lengthOf(piece) <= 1
      ? readByKeySpace(client, family, piece).pipe(map((groups) => ({ groups })))
      : readCounts(client, family, piece);
  return counts.pipe(
    tap(({ groups, engineMs }) => sizer.learn(piece, groups.length, countOf(groups), engineMs)),
    map(({ groups, warnings }) => ({ ...buildCell(piece, groups, table), ...(warnings && { warnings }) }))
  );
}

function countOf(groups: readonly LineGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
