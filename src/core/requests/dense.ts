import { catchError, from, map, mergeMap, type Observable, of, switchMap, tap } from 'rxjs';

import { hourMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { type LineFamily, linesExpr, unsortedLinesExpr } from '../expr/logql';
import { pageTurns, type Work } from '../runtime/turns';
import { meaningOf, toUpstreamError } from '../upstream/errors';
import { type Counts, type CountSeries, type Lines } from '../upstream/loki';
import { CellBuilder, type LineGroup } from './cell';
import { type ReadEvent } from './countReader';
import { leave, type Reading } from './lookBack';
import { addLines, countedLines, learnUnusable, readLineCounts, totalOf, UnusableLines } from './queries';
import { runTasks } from './taskQueue';
import { type Batch, divided, evaluationOf, partOf, spanOf, windowOf, type Windows } from './windows';

/** Lines that one query counts: Loki takes a second or two for them. */
const mostCounted = 300_000;

/** Lines an hour that Loki gives at the same cost as it sorts those of an hour: it reads a log query hour by hour. */
const fewestSorted = 150;

/** Parts of a batch whose lines are counted or read at the same time, and answers of lines that are awaited for each of them. */
const partsAhead = 2;
const runsAhead = 2;

/** Runs one after the other whose lines could not be taken, after which the rest of a part is left. */
const mostFailures = 3;

/** What was counted in one hour, or in a shorter window. */
interface HourOfLines {
  /** Those that have to be read. */
  unread: number;
  /** The others, by what they say. */
  sorted: LineGroup[];
}

/** The hours of some windows, with their lines. */
interface CountedPart {
  /** The windows. */
  part: Batch;
  hours: Batch;
  lines: readonly HourOfLines[];
  /** Log query of those that have to be read. */
  unreadExpr: string;
  warnings: readonly string[];
}

/**
 * Reads the lines themselves of windows in which nearly each one is a key of its own: Loki counts them by the hour, and then
 * gives as many hours of them at once as an answer may hold. Lines that it can sort are counted only, however many there are. What is
 * read is taken if it is as many lines as were counted (specs/decisions/0011). Cells are as long as a window, or parts of it. Leaves
 * hours whose lines do not fit into an answer, or could not be had. Never errors.
 */
export function readDense(batch: Batch, reading: Reading): Observable<ReadEvent> {
  const { linesPerMs = 0 } = reading.estimate;
  const windows = Math.max(1, Math.floor(mostCounted / Math.max(1, linesPerMs * batch.windowMs)));
  const parts: Batch[] = [];
  for (let first = 0; first < batch.windows; first += windows) {
    parts.push(partOf(batch, { first, windows: Math.min(windows, batch.windows - first) }));
  }
  return from(parts).pipe(mergeMap((part) => readPart(part, reading), partsAhead));
}

function readPart(part: Batch, reading: Reading): Observable<ReadEvent> {
  const { family, estimate } = reading;
  const { extract } = family;
  if (!extract || !estimate.mayReadLines) {
    return of(leave(spanOf(part)));
  }
  return readLineCounts(hoursOf(part), reading).pipe(
    map((counts) => countedPart(part, counts, family)),
    tap(({ hours, lines }) => {
      if (hours.windowMs === hourMs) {
        lines.forEach(({ unread, sorted }, index) =>
          estimate.learnHour(windowOf(hours, index).start, unread + linesOf(sorted))
        );
      }
    }),
    catchError((error: unknown) => of(toUpstreamError(error))),
    switchMap((counted) =>
      'part' in counted
        ? readRuns(counted, extract, reading)
        : of(leave(spanOf(part), meaningOf(counted).sameForAll ? counted : undefined))
    )
  );
}

/** The hours of windows, or these themselves where they are shorter. */
function hoursOf(part: Batch): Batch {
  return divided(part, Math.max(1, part.windowMs / hourMs));
}

function countedPart(part: Batch, { series, warnings = [] }: Counts, family: LineFamily): CountedPart {
  const { sorted } = family;
  const hours = hoursOf(part);
  const { first } = evaluationOf(hours);
  const isSorted = ({ labels }: CountSeries) => sorted !== undefined && Boolean(labels[sorted]);
  const sorts = totalOf(series.filter(isSorted)) >= fewestSorted * ((hours.windows * hours.windowMs) / hourMs);
  const lines = Array.from({ length: hours.windows }, (): HourOfLines => ({ unread: 0, sorted: [] }));
  for (const one of series) {
    const { labels, samples } = one;
    for (const [time, count] of samples) {
      const hour = lines[(time - first) / hours.windowMs] as HourOfLines;
      if (sorts && isSorted(one)) {
        hour.sorted.push({ text: family.textOf(labels), labels, count });
      } else {
        hour.unread += count;
      }
    }
  }
  return { part, hours, lines, unreadExpr: sorts ? unsortedLinesExpr(family) : linesExpr(family), warnings };
}

function linesOf(groups: readonly LineGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** Reads runs of hours, each of as many as one answer may hold. */
function readRuns(counted: CountedPart, extract: (line: string) => string, reading: Reading): Observable<ReadEvent> {
  const { hours, lines } = counted;
  const { estimate } = reading;
  let first = 0;
  let failures = 0;
  const next = (): Observable<ReadEvent> | undefined => {
    if (first >= hours.windows) {
      return undefined;
    }
    let run = longestRun(lines, first, estimate.limits.maxEntries, estimate.longestMs / hours.windowMs);
    const isLeft = run.windows === 0 || !estimate.mayReadLines || failures >= mostFailures;
    if (isLeft) {
      run = { first, windows: run.windows === 0 ? 1 : hours.windows - first };
    }
    first += run.windows;
    const span = spanOf(partOf(hours, run));
    return isLeft
      ? of(leave(span))
      : readRun(counted, run, extract, reading).pipe(
          tap(() => (failures = 0)),
          catchError((error: unknown) => {
            failures += 1;
            if (error instanceof UnusableLines) {
              learnUnusable(error, span, estimate);
            }
            return of(leave(span));
          })
        );
  };
  return runTasks(next, () => runsAhead);
}

/** The hours from one on whose lines fit into an answer of `maxEntries`, with one to spare; one of them may be longer than `most`. */
function longestRun(lines: readonly HourOfLines[], first: number, maxEntries: number, most: number): Windows {
  let windows = 0;
  let sum = 0;
  for (const { unread } of lines.slice(first)) {
    sum += unread;
    if (sum >= maxEntries || (windows > 0 && windows + 1 > most)) {
      break;
    }
    windows += 1;
  }
  return { first, windows };
}

/** The cells of a run. Errors with `UnusableLines` where its lines can't be taken. */
function readRun(
  counted: CountedPart,
  run: Windows,
  extract: (line: string) => string,
  reading: Reading
): Observable<ReadEvent> {
  const { hours, lines, unreadExpr, warnings } = counted;
  const span = spanOf(partOf(hours, run));
  const ofRun = lines.slice(run.first, run.first + run.windows);
  const unread = ofRun.reduce((sum, hour) => sum + hour.unread, 0);
  const lines$ = unread === 0 ? of<Lines>({ streams: [] }) : countedLines(unreadExpr, span, unread, reading);
  return lines$.pipe(
    switchMap(({ streams, engineMs, warnings: own = [] }) =>
      pageTurns
        .run(function* (): Work<CellBuilder[]> {
          const builders = buildersOf(counted, run, reading);
          yield* addLines(streams, extract, (time) => builders.at(time));
          reading.estimate.learnLines(true);
          reading.estimate.learnSplit(
            span,
            builders.all.reduce((sum, { keys }) => sum + keys, 0),
            unread,
            engineMs
          );
          ofRun.forEach(({ sorted }, index) => {
            const builder = builders.at(span.start + index * hours.windowMs);
            sorted.forEach(({ text, labels, count }) => builder.add(text, labels, count));
          });
          return builders.all;
        })
        .pipe(
          mergeMap((builders) =>
            from(
              builders.map((builder): ReadEvent => {
                const all = [...warnings, ...own];
                return { kind: 'cell', cell: { ...builder.build(), ...(all.length > 0 && { warnings: all }) } };
              })
            )
          )
        )
    )
  );
}

/** Builders of the cells of a run: one for each window that it is about, or for the part of one. */
function buildersOf({ part, hours }: CountedPart, run: Windows, { table }: Reading) {
  const span: Span = spanOf(partOf(hours, run));
  const indexOf = (time: number) => Math.floor((time - part.start) / part.windowMs);
  const first = indexOf(span.start);
  const all = Array.from({ length: indexOf(span.end - 1) - first + 1 }, (_, index) => {
    const start = part.start + (first + index) * part.windowMs;
    const own = { start: Math.max(span.start, start), end: Math.min(span.end, start + part.windowMs) };
    return new CellBuilder(own, table);
  });
  return { all, at: (time: number) => all[indexOf(time) - first] as CellBuilder };
}
