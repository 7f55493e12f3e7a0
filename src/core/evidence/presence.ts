import { catchError, concat, concatMap, from, map, type Observable, of, switchMap, throwError, toArray } from 'rxjs';

import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { lengthOf, type Span } from '../domain/span';
import { entriesExpr, unsplit, unsplitRange } from '../expr/logql';
import { meaningOf, toUpstreamError, UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';

/**
 * Windows of which one query evaluates several: of one length, whole days apart.
 * `last` is the number of the last one, the first is 0; what lies between may be asked for without need.
 */
interface Batch {
  first: Span;
  last: number;
  windows: Span[];
}

/**
 * Gives those of the windows that hold any line of a selector, in two passes: one hour of each window first, which
 * proves most of them for a 24th of the work, then what is left as a whole. `maxLengthMs` is Loki's `max_query_length`.
 */
export function windowsWithLines(
  client: LokiClient,
  selector: string,
  windows: readonly Span[],
  maxLengthMs: number
): Observable<Span[]> {
  const probes = new Map(windows.map((window) => [window, middleHour(window)] as const));
  return among(client, selector, [...probes.values()], maxLengthMs).pipe(
    switchMap((found) => {
      const proven = windows.filter((window) => found.includes(probes.get(window) ?? window));
      const open = windows.filter((window) => !proven.includes(window));
      return open.length === 0
        ? of(proven)
        : among(client, selector, open, maxLengthMs).pipe(map((rest) => [...proven, ...rest]));
    })
  );
}

function among(
  client: LokiClient,
  selector: string,
  windows: readonly Span[],
  maxLengthMs: number
): Observable<Span[]> {
  const exprOf: ExprOf = (windowMs, offsetMs) => entriesExpr(selector, windowMs, offsetMs);
  return countsInWindows(client, { selector, exprOf }, windows, maxLengthMs).pipe(
    map((counts) => windows.filter((window) => totalOf(counts.get(window)) > 0))
  );
}

/** A sum over windows of a length in ms that end so many ms before the evaluation time. */
export type ExprOf = (windowMs: number, offsetMs: number) => string;

/** What a sum is grouped by: a label, and all the values that it may have. */
export interface Grouping {
  label: string;
  values: readonly string[];
}

/** What is counted. */
export interface Sum {
  /** LogQL stream selector of the lines. */
  selector: string;
  exprOf: ExprOf;
  grouping?: Grouping;
}

/** A window's sums by the value of the label, without those that are 0; of a sum without grouping the one of `''`. */
export type Counts = Readonly<Record<string, number>>;

export function totalOf(counts: Counts = {}): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * The sums in windows, whole days of a zone at best, in as few queries as `maxLengthMs`, Loki's `max_query_length`, allows.
 * Errors also where Loki says that its answer may not be whole.
 */
export function countsInWindows(
  client: LokiClient,
  sum: Sum,
  windows: readonly Span[],
  maxLengthMs: number
): Observable<ReadonlyMap<Span, Counts>> {
  const ask = (batch: Batch) => askOnce(client, sum, batch);
  // Half of the length is that of the range with which Loki does not split the query.
  return from(batchesOf(windows, Math.max(1, Math.floor((maxLengthMs / dayMs - 1) / 2)))).pipe(
    concatMap((batch) => askInParts(ask, batch)),
    toArray(),
    map((found) => new Map(found.flat()))
  );
}

type Counted = Array<[window: Span, counts: Counts]>;
type Ask = (batch: Batch) => Observable<Counted>;

/** Less time than this a query is not tried. */
const minLengthMs = minuteMs;

/** Half of the windows at a time, or of a window, and so on, where Loki refuses more. */
function askInParts(ask: Ask, batch: Batch): Observable<Counted> {
  return ask(batch).pipe(
    catchError((error: unknown) => {
      const { windows, first } = batch;
      const isAlone = windows.length === 1;
      const { splitHelps = 'perhaps' } = meaningOf(toUpstreamError(error));
      if (splitHelps === 'perhaps' || (isAlone && lengthOf(first) <= minLengthMs)) {
        return throwError(() => error);
      }
      return isAlone ? askHalves(ask, first) : concat(...halvesOf(batch).map((half) => askInParts(ask, half)));
    }),
    toArray(),
    map((parts) => parts.flat())
  );
}

function askHalves(ask: Ask, window: Span): Observable<Counted> {
  const middle = window.start + Math.floor(lengthOf(window) / 2);
  const halves = [
    { start: window.start, end: middle },
    { start: middle, end: window.end },
  ];
  return concat(...halves.map((half) => askInParts(ask, { first: half, last: 0, windows: [half] }))).pipe(
    toArray(),
    map((parts) => [[window, sumOf(parts.flat().flatMap(([, counts]) => Object.entries(counts)))]])
  );
}

function sumOf(counts: ReadonlyArray<readonly [value: string, count: number]>): Counts {
  const sums = new Map<string, number>();
  counts.forEach(([value, count]) => sums.set(value, (sums.get(value) ?? 0) + count));
  return Object.fromEntries([...sums].filter(([, sum]) => sum > 0));
}

function halvesOf({ windows }: Batch): Batch[] {
  const middle = Math.ceil(windows.length / 2);
  return [windows.slice(0, middle), windows.slice(middle)].flatMap((part) => batchesOf(part, Infinity));
}

function askOnce(
  client: LokiClient,
  { selector, exprOf, grouping }: Sum,
  { first, last, windows }: Batch
): Observable<Counted> {
  const length = lengthOf(first);
  // Loki aligns evaluation times to the step, so that the windows' ends are reached by an offset. Where it splits the query all the same,
  // a 0 where there is nothing gives each series a sample at each time, so that the merge loses none (specs/decisions/0013).
  const stepMs = last === 0 ? 1 : dayMs;
  const end = first.end - 1;
  const evaluation = last === 0 ? first.end : Math.ceil(end / dayMs) * dayMs;
  const lastEvaluation = evaluation + last * dayMs;
  const counts = exprOf(length, evaluation - end);
  const expr =
    last === 0
      ? counts
      : unsplit(`${counts}${zeros(grouping)}`, selector, unsplitRange(evaluation, lastEvaluation, stepMs));
  return client.counts(expr, evaluation, lastEvaluation, stepMs).pipe(
    map(({ series, warnings = [] }) => {
      if (warnings.length > 0) {
        throw new UpstreamError('malformed', `Loki reports that its answer may be incomplete: ${warnings.join('; ')}`);
      }
      const byEnd = new Map<number, Array<[value: string, count: number]>>();
      for (const { labels, samples } of series) {
        const value = grouping ? (labels[grouping.label] ?? '') : '';
        for (const [time, count] of samples) {
          const windowEnd = time - evaluation + first.end;
          byEnd.set(windowEnd, [...(byEnd.get(windowEnd) ?? []), [value, count]]);
        }
      }
      return windows.map((window) => [window, sumOf(byEnd.get(window.end) ?? [])]);
    })
  );
}

function zeros(grouping: Grouping | undefined): string {
  return grouping
    ? grouping.values.map((value) => ` or label_replace(vector(0), "${grouping.label}", "${value}", "", "")`).join('')
    : ' or vector(0)';
}

/** Windows of one length whose ends are whole days apart, as many as one query may span. */
function batchesOf(windows: readonly Span[], longest: number): Batch[] {
  const batches: Batch[] = [];
  for (const window of [...windows].sort((a, b) => a.start - b.start)) {
    const batch = batches[batches.length - 1];
    const steps = batch ? (window.end - batch.first.end) / dayMs : 0;
    const hour = lengthOf(window) <= hourMs;
    const previous = batch?.windows[batch.windows.length - 1];
    // Whole days between two that are asked for would be read for nothing, single hours cost next to nothing.
    const near = hour || (previous && window.end - previous.end === dayMs);
    if (batch && near && Number.isInteger(steps) && steps < longest && lengthOf(batch.first) === lengthOf(window)) {
      batch.windows.push(window);
      batch.last = steps;
    } else {
      batches.push({ first: window, last: 0, windows: [window] });
    }
  }
  return batches;
}

function middleHour({ start, end }: Span): Span {
  const middle = start + Math.floor((end - start) / 2);
  const length = Math.min(hourMs, end - start);
  return { start: middle - Math.floor(length / 2), end: middle - Math.floor(length / 2) + length };
}
