import { catchError, forkJoin, map, type Observable, of } from 'rxjs';

import { hourMs } from '../domain/duration';
import { lengthOf, type Span } from '../domain/span';
import { isRefusal, toUpstreamError } from '../upstream/errors';
import { type PrometheusClient } from '../upstream/prometheus';
import { Sharing } from '../upstream/sharing';

/** What Prometheus says beside the samples of a range. Undefined: it does not say, as many compatible engines. */
export interface PrometheusEvidence {
  /** How long samples are kept. */
  retentionMs?: number;
  /** Time of the oldest sample in the store, of whatever series. */
  oldestSample?: number;
  /** Samples of the range that were dropped because another one of the series had their time. */
  duplicates: number;
}

/** What an engine says of its store, which has not to be asked again with each refresh. */
interface Store extends Pick<PrometheusEvidence, 'retentionMs' | 'oldestSample'> {
  /** False when a question got no answer, which another time may bring. */
  isTold: boolean;
}

/**
 * How long an engine is believed what it says of its store. Blocks are dropped every two hours at most; the time of samples that
 * went since is missing all the same, because nothing shows that anything was scraped then.
 */
const believedMs = hourMs;

/** Asks Prometheus for what the samples alone can't tell. */
export class PrometheusWitness {
  private readonly stores: Sharing<Store>;

  /** `now` in ms since the epoch. */
  constructor(now: () => number) {
    this.stores = new Sharing(now, { forMs: believedMs, isWhole: ({ isTold }) => isTold });
  }

  /** Forgets all answers. */
  clear(): void {
    this.stores.clear();
  }

  /** Emits once. Never errors: what the engine does not say stays unknown. */
  ask(client: PrometheusClient, span: Span, readAgain: boolean): Observable<PrometheusEvidence> {
    if (readAgain) {
      this.stores.forget(client.uid);
    }
    return forkJoin({
      store: this.stores.get(client.uid, () => storeOf(client)),
      duplicates: duplicatesIn(client, span),
    }).pipe(map(({ store: { retentionMs, oldestSample }, duplicates }) => ({ retentionMs, oldestSample, duplicates })));
  }
}

function storeOf(client: PrometheusClient): Observable<Store> {
  return forkJoin([told(client.retention()), told(client.oldestSample())]).pipe(
    map(([retention, oldest]) => ({
      retentionMs: retention.value,
      oldestSample: oldest.value,
      isTold: retention.isTold && oldest.isTold,
    }))
  );
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

function told<T>(answer: Observable<T>): Observable<{ value?: T; isTold: boolean }> {
  return answer.pipe(
    map((value) => ({ value, isTold: true })),
    catchError((error: unknown) => of({ isTold: isRefusal(toUpstreamError(error)) }))
  );
}
