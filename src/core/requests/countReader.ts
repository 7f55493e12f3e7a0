import { concat, defer, EMPTY, from, mergeMap, type Observable, of } from 'rxjs';

import { type Span } from '../domain/span';
import { meaningOf, UpstreamError } from '../upstream/errors';
import { type Cell } from './cell';
import { type Grid } from './grid';
import { type KeyTable } from './keyTable';

/**
 * The complete counts of a span; a span that is left to the next reader, and why, where that is known; or one that no reader should be
 * asked for.
 */
export type ReadEvent = LoadEvent | { kind: 'left'; span: Span; reason?: UpstreamError };

/** What a reading is for. */
export interface ReadTarget {
  /** Edges that cells respect. */
  grid: Grid;
  /** Numbers the keys of the cells. */
  table: KeyTable;
  /** No cache on the way may answer. */
  isFresh: boolean;
}

/** One way to read the counts of a family of lines. */
export interface CountReader {
  /** Emits cells, missing spans, and spans that it leaves to the next reader; together they cover `spans` exactly once. Never errors. */
  read(spans: readonly Span[], target: ReadTarget): Observable<ReadEvent>;
}

/** A span that could not be read, and why. */
export interface MissingSpan extends Span {
  reason: UpstreamError;
}

export type LoadEvent = { kind: 'cell'; cell: Cell } | { kind: 'missing'; missing: MissingSpan };

type Left = Extract<ReadEvent, { kind: 'left' }>;

/** Why spans were left by earlier readers. */
type Reasons = ReadonlyArray<Span & { reason: UpstreamError }>;

/**
 * Reads spans by the first reader, what it leaves by the second one, and so on; what the last one leaves is missing, and so is all
 * that is left after an error with which every other question would fail, too. What is missing has the reason of the last reader that
 * gave one. Cells and missing spans together cover the spans exactly once. Never errors.
 */
export function loadSpans(
  readers: readonly CountReader[],
  spans: readonly Span[],
  target: ReadTarget
): Observable<LoadEvent> {
  return loadFrom(readers, spans, target, []);
}

function loadFrom(
  [reader, ...others]: readonly CountReader[],
  spans: readonly Span[],
  target: ReadTarget,
  earlier: Reasons
): Observable<LoadEvent> {
  return defer(() => {
    const left: Left[] = reader ? [] : spans.map((span) => ({ kind: 'left', span }));
    const events = reader?.read(spans, target) ?? EMPTY;
    return concat(
      events.pipe(
        mergeMap((event) => {
          if (event.kind !== 'left') {
            return of(event);
          }
          left.push(event);
          return EMPTY;
        })
      ),
      defer(() => {
        const failure = left.find(({ reason }) => reason && meaningOf(reason).sameForAll)?.reason;
        const reasons = [...left.flatMap(({ span, reason }) => (reason ? [{ ...span, reason }] : [])), ...earlier];
        left.sort((a, b) => a.span.start - b.span.start);
        return failure || others.length === 0
          ? from(left.map((one) => missingOf(one, failure, reasons)))
          : loadFrom(
              others,
              left.map(({ span }) => span),
              target,
              reasons
            );
      })
    );
  });
}

function missingOf({ span, reason }: Left, failure: UpstreamError | undefined, reasons: Reasons): LoadEvent {
  const earlier = reasons.find(({ start, end }) => start < span.end && end > span.start)?.reason;
  const why = reason ?? failure ?? earlier ?? new UpstreamError('unavailable', 'no reader could read it');
  return { kind: 'missing', missing: { ...span, reason: why } };
}
