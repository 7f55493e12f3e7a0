import { catchError, map, type Observable, of, switchMap, throwError } from 'rxjs';

import { type Span } from '../domain/span';
import { countExpr, type LineFamily, linesExpr, timeExpr, totalExpr } from '../expr/logql';
import { pageTurns, type Work } from '../turns';
import { toUpstreamError, UpstreamError } from '../upstream/errors';
import { type LearnedLimits } from '../upstream/learnedLimits';
import { type CountSeries, type LineStream, type LokiClient, millisecondOf } from '../upstream/loki';
import { buildCell, type Cell, CellBuilder, type LineGroup } from './cell';
import { type KeyTable } from './keyTable';

/** A cell, and what it took. */
export interface ReadCell {
  cell: Cell;
  /** Series that counts of it have, or would have. */
  series: number;
  lines: number;
  /** As of `CountedLines`. */
  engineMs?: number;
}

/** The cell of counted lines. */
export function cellOf(span: Span, { groups, engineMs, warnings }: CountedLines, table: KeyTable): ReadCell {
  return {
    cell: { ...buildCell(span, groups, table), ...(warnings && { warnings }) },
    series: groups.length,
    lines: groups.reduce((sum, { count }) => sum + count, 0),
    engineMs,
  };
}

export interface CountedLines {
  groups: LineGroup[];
  /** Time that Loki spent on the answer, in ms; undefined when it does not say. */
  engineMs?: number;
  /** What Loki says about its answer, such as that it is partial. */
  warnings?: readonly string[];
}

/**
 * Counts of a family's lines in one span [start, end), grouped by Loki.
 *
 * The query has a single evaluation time. Loki never splits such a query, so its answer is one result of one engine
 * run. (With several evaluation times its front end cuts the query by `split_queries_by_interval` and merges the
 * parts, and the merge of 3.7.6 can lose a sample of a series: specs/decisions/0003.)
 */
export function readCounts(client: LokiClient, family: LineFamily, span: Span): Observable<CountedLines> {
  // Evaluated at `end` and looking back from 1 ms before it: (start - 1 ms, end - 1 ms], contract rule 5.
  return client.counts(countExpr(family, span.end - span.start, 1), span.end, span.end, 1).pipe(
    map(({ series, engineMs, warnings }) => ({
      engineMs,
      warnings,
      groups: series.map((one) => toGroup(one, family)),
    }))
  );
}

/** Why the lines of a span could not be taken for its requests, although Loki counted them. */
export class UnusableLines extends Error {
  constructor(
    /** The answer lacks lines, has more than were counted or one twice, or did not come. */
    readonly because: 'too-few' | 'too-many' | UpstreamError
  ) {
    super(`the lines do not stand for their count: ${because instanceof UpstreamError ? because.message : because}`);
  }
}

/** A span holds more lines than one answer may have. */
export class TooManyLines extends Error {
  constructor(readonly lines: number) {
    super(`${lines} lines are too many for one answer`);
  }
}

/**
 * The same counts from the lines themselves, for a family that can be extracted here. Loki counts them first, in one metric
 * query with one evaluation time: the lines are taken only if they are as many. All of them lie in the span and none of a stream is
 * given twice, so that they are then the lines that were counted (specs/decisions/0011).
 *
 * So few lines that they can't have too many series are read as counts, which never lack one. Errors as the count does, with
 * `TooManyLines` for as many lines as an answer may have, or more, and with `UnusableLines`.
 */
export function readLines(
  client: LokiClient,
  family: LineFamily & { extract: (line: string) => string },
  span: Span,
  { maxSeries, maxEntries }: LearnedLimits,
  table: KeyTable
): Observable<ReadCell> {
  return client.counts(totalExpr(family, span.end - span.start, 1), span.end, span.end, 1).pipe(
    switchMap(({ series, engineMs, warnings = [] }) => {
      const total = series.reduce((sum, { samples }) => sum + samples.reduce((own, [, count]) => own + count, 0), 0);
      if (total >= maxEntries) {
        throw new TooManyLines(total);
      }
      if (total === 0) {
        return of(cellOf(span, { groups: [], engineMs, ...(warnings.length > 0 && { warnings }) }, table));
      }
      // The proof of the query is a series, too.
      if (total < maxSeries) {
        return readCounts(client, family, span).pipe(map((counted) => cellOf(span, counted, table)));
      }
      // One more than there are, so that one that came in the meantime shows.
      return client.lines(linesExpr(family), span.start, span.end, total + 1).pipe(
        catchError((error: unknown) => throwError(() => new UnusableLines(toUpstreamError(error)))),
        switchMap(({ streams, engineMs: ownMs, warnings: own = [] }) => {
          const found = streams.reduce((sum, { lines }) => sum + lines.length, 0);
          if (found < total) {
            throw new UnusableLines('too-few');
          }
          if (found > total || streams.some(hasRepeated)) {
            throw new UnusableLines('too-many');
          }
          const all = [...warnings, ...own];
          return pageTurns
            .run(() => cellOfLines(span, streams, family.extract, table))
            .pipe(
              map(({ cell, ...rest }) => ({
                ...rest,
                cell: { ...cell, ...(all.length > 0 && { warnings: all }) },
                engineMs: ownMs,
              }))
            );
        })
      );
    })
  );
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
  let done = 0;
  for (const { labels, lines } of streams) {
    for (const [time, line] of lines) {
      builder.add(extract(line), labels, 1, millisecondOf(time));
      done += 1;
      if (done % linesPerStep === 0) {
        yield;
      }
    }
  }
  return { cell: builder.build(), series: builder.keys, lines: done };
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

/**
 * The time of the first or last line of each distinct extracted text in a span [start, end), in ms since the epoch: the
 * millisecond to which the line belongs (contract rule 5). Lines that name no service have none.
 */
export function readTimes(
  client: LokiClient,
  family: LineFamily,
  edge: 'first' | 'last',
  span: Span
): Observable<ReadonlyMap<string, number>> {
  return client.counts(timeExpr(family, edge, span.end - span.start, 1), span.end, span.end, 1).pipe(
    map((answer) => {
      refuseDoubted(answer);
      return new Map(
        answer.series.flatMap(({ labels, samples }) =>
          samples.map(([, time]): [string, number] => [family.textOf(labels), time])
        )
      );
    })
  );
}

/** Throws for an answer that Loki itself doubts, where nothing could carry the doubt on. */
export function refuseDoubted({ warnings = [] }: { warnings?: readonly string[] }): void {
  if (warnings.length > 0) {
    throw new UpstreamError('malformed', `Loki reports that its answer may be incomplete: ${warnings.join('; ')}`);
  }
}

function toGroup({ labels, samples }: CountSeries, { textOf }: LineFamily): LineGroup {
  return {
    text: textOf(labels),
    labels,
    count: samples.reduce((sum, [, count]) => sum + count, 0),
  };
}
