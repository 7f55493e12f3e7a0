import { type Observable } from 'rxjs';

import { type PrometheusClient, type PromResult } from '../upstream/prometheus';
import { type WindowRun } from './windows';

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
