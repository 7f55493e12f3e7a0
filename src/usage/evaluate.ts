import { forkJoin, map, type Observable } from 'rxjs';

import { type PrometheusClient, type PromResult } from '../upstream/prometheus';
import { runsOf, type WindowRun, windowsOf } from './windows';

/** Evaluates at the last ms of each window of a run. */
export function evaluate(
  client: PrometheusClient,
  query: string,
  { first, lengthMs, count }: WindowRun
): Observable<PromResult> {
  const start = first.end - 1;
  return count === 1
    ? client.instant(query, start)
    : client.range(query, start, start + (count - 1) * lengthMs, lengthMs);
}

/** The same in several queries of at most `longest` windows each, for what costs more the longer a query's range is. */
export function evaluateInPieces(
  client: PrometheusClient,
  query: string,
  run: WindowRun,
  longest: number
): Observable<PromResult> {
  return forkJoin(runsOf(windowsOf(run), () => longest).map((piece) => evaluate(client, query, piece))).pipe(
    map((results) => ({
      series: results.flatMap(({ series }) => series),
      warnings: results.flatMap(({ warnings }) => warnings),
    }))
  );
}
