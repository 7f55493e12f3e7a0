import { concatMap, from, map, type Observable, of, switchMap, toArray } from 'rxjs';

import { lengthOf, type Span } from '../domain/span';
import { type LokiClient } from '../upstream/loki';
import { dayMs, hourMs } from './days';

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
 * proves most of them for a 24th of the work, then what is left as a whole. `longestMs` is Loki's `max_query_length`.
 */
export function windowsWithLines(
  client: LokiClient,
  selector: string,
  windows: readonly Span[],
  longestMs: number
): Observable<Span[]> {
  const probes = new Map(windows.map((window) => [window, middleHour(window)] as const));
  return among(client, selector, [...probes.values()], longestMs).pipe(
    switchMap((found) => {
      const proven = windows.filter((window) => found.includes(probes.get(window) ?? window));
      const open = windows.filter((window) => !proven.includes(window));
      return open.length === 0
        ? of(proven)
        : among(client, selector, open, longestMs).pipe(map((rest) => [...proven, ...rest]));
    })
  );
}

function among(client: LokiClient, selector: string, windows: readonly Span[], longestMs: number): Observable<Span[]> {
  return from(batchesOf(windows, Math.max(1, Math.floor(longestMs / dayMs) - 1))).pipe(
    concatMap((batch) => ask(client, selector, batch)),
    toArray(),
    map((found) => found.flat())
  );
}

function ask(client: LokiClient, selector: string, { first, last, windows }: Batch): Observable<Span[]> {
  const length = lengthOf(first);
  // Loki aligns evaluation times to the step, so that the windows' ends are reached by an offset. A sum without grouping
  // does not suffer from the merge that loses samples (specs/decisions/0003).
  const stepMs = last === 0 ? 1 : dayMs;
  const end = first.end - 1;
  const evaluation = last === 0 ? first.end : Math.ceil(end / dayMs) * dayMs;
  const offset = evaluation === end ? '' : ` offset ${evaluation - end}ms`;
  const expr = `sum(count_over_time(${selector} [${length}ms]${offset}))`;
  return client.counts(expr, evaluation, evaluation + last * dayMs, stepMs).pipe(
    map(({ series }) => {
      const ends = new Set(
        series.flatMap(({ samples }) =>
          samples.filter(([, count]) => count > 0).map(([time]) => time - evaluation + first.end)
        )
      );
      return windows.filter((window) => ends.has(window.end));
    })
  );
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
