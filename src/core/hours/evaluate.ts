import { type Observable } from 'rxjs';

import { type PrometheusClient, type PromResult, type PromSeries } from '../upstream/prometheus';
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

/** Value of a series at a time, in ms. */
export function valueAt({ samples }: PromSeries, time: number): number | undefined {
  return samples.find(([at]) => at === time)?.[1];
}
