import { catchError, map, type Observable, of, switchMap, tap, throwError } from 'rxjs';

import { lengthOf, type Span } from '../domain/span';
import { countExpr, countLinesExpr, linesExpr, narrowed, totalExpr, unsplit, valueMatcher } from '../expr/logql';
import { pageTurns, type Work } from '../runtime/turns';
import { meaningOf, toUpstreamError, UpstreamError } from '../upstream/errors';
import { type Counts, type CountSeries, type Lines, type LineStream, millisecondOf } from '../upstream/loki';
import { type TransportRequest } from '../upstream/transport';
import { type Cell, CellBuilder } from './cell';
import { type Estimate } from './estimate';
import { type KeyTable } from './keyTable';
import { type Reading } from './lookBack';
import { type Batch, evaluationOf } from './windows';

/** True where an error says that this engine, or the way to it, does not take such queries. */
export function isNotTaken(error: UpstreamError): boolean {
  const { saysNothing, splitHelps } = meaningOf(error);
  return !saysNothing && splitHelps !== 'amount';
}

/** Some of the streams that a selector matches: those whose label has one of the values, or has none of them. */
export interface Streams {
  label: string;
  values: readonly string[];
  has: boolean;
}

const allStreams: Streams = { label: '', values: [], has: false };

/**
 * Counts of the family's lines in some streams, by window: a sample at `evaluationOf(batch).first`, and so on, where there
 * are any. Errors also where Loki does not say that it computed the answer as one (specs/decisions/0013).
 */
export function readBatchQuery(
  batch: Batch,
  { label, values, has }: Streams,
  reading: Reading,
  how: Pick<TransportRequest, 'provenByCount'> = {}
): Observable<Counts> {
  const { selector } = reading.family;
  const isAll = !has && values.length === 0;
  const part = isAll ? selector : narrowed(selector, valueMatcher(label, values, has));
  return ask(
    batch,
    (offsetMs) => countExpr({ ...reading.family, selector: part }, batch.windowMs, offsetMs),
    reading,
    how
  );
}

/** How many lines of the family there are, by window and by the labels that Loki need not extract; as `readBatchQuery`. */
export function readLineCounts(batch: Batch, reading: Reading): Observable<Counts> {
  return ask(batch, (offsetMs) => countLinesExpr(reading.family, batch.windowMs, offsetMs), reading);
}

/**
 * The same, to plan by. Where this count lacks a chunk and what is compared with it does not, they differ; where that lacks it, it is
 * asked again.
 */
export function estimateLineCounts(batch: Batch, reading: Reading): Observable<Counts> {
  return ask(batch, (offsetMs) => countLinesExpr(reading.family, batch.windowMs, offsetMs), reading, {
    mayLackChunks: true,
  });
}

function ask(
  batch: Batch,
  exprOf: (offsetMs: number) => string,
  { client, family }: Reading,
  how: Pick<TransportRequest, 'mayLackChunks' | 'provenByCount'> = {}
): Observable<Counts> {
  const { first, last, stepMs, offsetMs, unsplitMs } = evaluationOf(batch);
  const expr = exprOf(offsetMs);
  const asked = unsplitMs > 0 ? unsplit(expr, family.selector, unsplitMs) : expr;
  return client.counts(asked, first, last, stepMs, how).pipe(
    tap(({ splits }) => {
      if (unsplitMs > 0 && !(splits !== undefined && splits <= 1)) {
        throw new UpstreamError(
          'malformed',
          'Loki merged partial results split by time, or does not report that it did not'
        );
      }
    })
  );
}

export function totalOf(series: readonly CountSeries[]): number {
  return series.reduce((sum, one) => sum + countOf(one), 0);
}

function countOf({ samples }: CountSeries): number {
  return samples.reduce((sum, [, count]) => sum + count, 0);
}

/** A cell, and what it took. */
export interface ReadCell extends Pick<Counts, 'engineMs'> {
  cell: Cell;
  /** Series that counts of it have, or would have. */
  series: number;
  lines: number;
}

/** The cell of a span from counts of all streams. The query has a single evaluation time: Loki never splits it (specs/decisions/0003). */
export function readCounts(span: Span, reading: Reading): Observable<ReadCell> {
  return readBatchQuery(windowOfSpan(span), allStreams, reading).pipe(map((counts) => cellOf(span, counts, reading)));
}

function windowOfSpan(span: Span): Batch {
  return { start: span.start, windowMs: lengthOf(span), windows: 1 };
}

function cellOf(span: Span, { series, engineMs, warnings }: Counts, { family, table }: Reading): ReadCell {
  const builder = new CellBuilder(span, table);
  series.forEach((one) => builder.add(family.textOf(one.labels), one.labels, countOf(one)));
  const cell = { ...builder.build(), ...(warnings && { warnings }) };
  return { cell, series: series.length, lines: totalOf(series), engineMs };
}

/** Why the lines of a span could not be taken for its requests, although Loki counted them. */
export class UnusableLines extends Error {
  constructor(
    /** An answer can't hold so many, lacks some, has more than were counted or one twice, or did not come. */
    readonly because: 'too-many' | 'too-few' | 'more-than-counted' | UpstreamError,
    /** How many were counted. */
    readonly lines: number
  ) {
    super(`the lines do not stand for their count: ${because instanceof UpstreamError ? because.message : because}`);
  }
}

/**
 * The same counts from the lines themselves, for a family that can be extracted here. Loki counts them first, in one metric
 * query with one evaluation time: the lines are taken only if they are as many. All of them lie in the span and none of a stream is
 * given twice, so that they are then the lines that were counted (specs/decisions/0011).
 * So few lines that they can't have too many series are read as counts, which never lack one. Errors as the count does, and
 * with `UnusableLines`.
 */
export function readLines(span: Span, extract: (line: string) => string, reading: Reading): Observable<ReadCell> {
  const { family, table } = reading;
  const { maxSeries, maxEntries } = reading.estimate.limits;
  const total$ = ask(windowOfSpan(span), (offsetMs) => totalExpr(family, lengthOf(span), offsetMs), reading);
  return total$.pipe(
    switchMap(({ series, warnings = [], ...rest }) => {
      const total = totalOf(series);
      if (total >= maxEntries) {
        throw new UnusableLines('too-many', total);
      }
      if (total === 0) {
        return of(cellOf(span, { series: [], ...(warnings.length > 0 && { warnings }), ...rest }, reading));
      }
      // The proof of the query is a series, too.
      if (total < maxSeries) {
        return readCounts(span, reading);
      }
      return countedLines(linesExpr(family), span, total, reading).pipe(
        switchMap(({ streams, engineMs, warnings: own = [] }) => {
          const all = [...warnings, ...own];
          return pageTurns
            .run(() => cellOfLines(span, streams, extract, table))
            .pipe(
              map(({ cell, ...rest }) => ({
                ...rest,
                cell: { ...cell, ...(all.length > 0 && { warnings: all }) },
                engineMs,
              }))
            );
        })
      );
    })
  );
}

/**
 * The lines of a log query over a span, of which Loki counted `total`. Errors with `UnusableLines` where these are not the lines that were
 * counted.
 */
export function countedLines(expr: string, span: Span, total: number, { client }: Reading): Observable<Lines> {
  // One more than there are, so that one that came in the meantime shows.
  return client.lines(expr, span.start, span.end, total + 1).pipe(
    catchError((error: unknown) => throwError(() => new UnusableLines(toUpstreamError(error), total))),
    tap(({ streams }) => {
      const found = streams.reduce((sum, { lines }) => sum + lines.length, 0);
      if (found < total) {
        throw new UnusableLines('too-few', total);
      }
      if (found > total || streams.some(hasRepeated)) {
        throw new UnusableLines('more-than-counted', total);
      }
    })
  );
}

/** Learns from lines of a span that can't be taken. */
export function learnUnusable({ because, lines }: UnusableLines, span: Span, estimate: Estimate): void {
  if (because === 'too-many') {
    estimate.learnRate(span, lines);
  } else if (because instanceof UpstreamError && because.kind === 'entries-limit') {
    estimate.learnFewerEntries(because.limit);
  } else if (because === 'too-few' || (because instanceof UpstreamError && !meaningOf(because).saysNothing)) {
    estimate.learnLines(false);
  }
}

/** Work is interrupted after so many lines. */
const linesPerStep = 500;

function* cellOfLines(
  span: Span,
  streams: readonly LineStream[],
  extract: (line: string) => string,
  table: KeyTable
): Work<Pick<ReadCell, 'cell' | 'series' | 'lines'>> {
  const builder = new CellBuilder(span, table);
  const lines = yield* addLines(streams, extract, () => builder);
  return { cell: builder.build(), series: builder.keys, lines };
}

/** Adds each line to the cell of its millisecond; the result is how many there were. */
export function* addLines(
  streams: readonly LineStream[],
  extract: (line: string) => string,
  builderAt: (time: number) => CellBuilder
): Work<number> {
  let done = 0;
  for (const { labels, lines } of streams) {
    for (const [nanoseconds, line] of lines) {
      const time = millisecondOf(nanoseconds);
      builderAt(time).add(extract(line), labels, 1, time);
      done += 1;
      if (done % linesPerStep === 0) {
        yield;
      }
    }
  }
  return done;
}

/** True where a stream gives one line twice. Lines of one time follow each other, whichever way the stream is ordered. */
function hasRepeated({ lines }: LineStream): boolean {
  let sameTime: Set<string> | undefined;
  return lines.some(([time, line], index) => {
    const [timeBefore, lineBefore] = lines[index - 1] ?? [];
    if (time !== timeBefore || lineBefore === undefined) {
      sameTime = undefined;
      return false;
    }
    sameTime ??= new Set([lineBefore]);
    const isRepeated = sameTime.has(line);
    sameTime.add(line);
    return isRepeated;
  });
}
