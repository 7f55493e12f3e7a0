import { catchError, forkJoin, map, type Observable, of } from 'rxjs';

import { lengthOf, type Span } from '../domain/span';
import { type PrometheusClient } from '../upstream/prometheus';

/** What Prometheus says beside the samples of a range. Undefined: it does not say, as many compatible engines. */
export interface PrometheusEvidence {
  /** How long samples are kept. */
  retentionMs?: number;
  /** Time of the oldest sample in the store, of whatever series. */
  oldestSample?: number;
  /** Samples of the range that were dropped because another one of the series had their time. */
  duplicates: number;
}

/** Asks Prometheus for what the samples alone can't tell. Emits once. Never errors: what the engine does not say stays unknown. */
export function askPrometheus(client: PrometheusClient, span: Span): Observable<PrometheusEvidence> {
  return forkJoin({
    retentionMs: orUndefined(client.retention()),
    oldestSample: orUndefined(client.oldestSample()),
    duplicates: duplicatesIn(client, span),
  });
}

/** Prometheus counts of itself what it drops; one that does not watch itself has no such series, which says nothing. */
function duplicatesIn(client: PrometheusClient, span: Span): Observable<number> {
  const query = `sum(increase(prometheus_target_scrapes_sample_duplicate_timestamp_total[${lengthOf(span)}ms]))`;
  return client.instant(query, span.end - 1).pipe(
    map(({ series }) => series.flatMap(({ samples }) => samples).reduce((sum, [, value]) => sum + value, 0)),
    map((count) => (Number.isFinite(count) ? Math.ceil(count) : 0)),
    catchError(() => of(0))
  );
}

function orUndefined<T>(answer: Observable<T>): Observable<T | undefined> {
  return answer.pipe(catchError(() => of(undefined)));
}
