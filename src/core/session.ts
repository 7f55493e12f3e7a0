import { catchError, defer, type Observable, of, switchMap } from 'rxjs';

import { type Answer, answer } from './answer';
import { type Span } from './domain/span';
import { type HealthReport, reportOf } from './health/line';
import { type UsageQuery } from './query';
import { type Settings } from './settings';
import { type AheadQuestion, askAhead } from './sources/ahead';
import { openUpstreams } from './sources/upstreams';
import { type Connections } from './upstream/connections';
import { type RetryPolicy } from './upstream/retry';

/** A cluster whose usage is asked for, with all that is kept from one query to the next. */
export interface Session {
  /**
   * Answers a query over [start, end) in a time zone (IANA name, or `utc`). Sends nothing until subscribed to; unsubscribing aborts
   * what nobody else waits for. Emits the answer, and before that, where it takes long, what is known so far, marked
   * `loading`. Never errors: what went wrong is in the answer. `askedAt` is now, in ms since the epoch; queries that are asked
   * together have the same. `asker` says which of them this is: whoever asks the same about the same range for a second time gets
   * what is new, and all others what was answered last (specs/decisions/0019).
   */
  answer(query: UsageQuery, range: Span, zone: string, askedAt?: number, asker?: string): Observable<Answer>;
  /**
   * Asks sources for what answers of a range will need, for those who will ask for these soon. Completes when they have it; unsubscribing
   * aborts what nobody else waits for. Never errors.
   */
  ahead(question: AheadQuestion): Observable<never>;
  /** Save & test. Never errors: what is wrong is in the report. */
  checkHealth(): Observable<HealthReport>;
}

/**
 * Opens a session; nothing is sent before it is asked. `now` gives ms since the epoch; `retryPolicy` is for tests against
 * failing upstreams, which shorten its waits.
 */
export function createSession(
  settings: Settings,
  connections: Connections,
  now: () => number = () => Date.now(),
  retryPolicy?: RetryPolicy
): Session {
  const upstreams = openUpstreams(settings, connections, now, retryPolicy);
  return {
    answer: (query, range, zone, askedAt = now(), asker = '') =>
      answer({ query, range, zone, askedAt, asker }, settings, upstreams),
    ahead: (question) => askAhead(question, settings, upstreams),
    checkHealth: () =>
      defer(() => import('./health/checkHealth')).pipe(
        switchMap(({ checkHealth }) => checkHealth(settings, upstreams.connections, now())),
        catchError((error: unknown) => of(notLoaded(error)))
      ),
  };
}

/** A file of the plugin did not come: after an update, the page still asks for those of the former version. */
function notLoaded(error: unknown): HealthReport {
  const why = error instanceof Error ? error.message : String(error);
  return reportOf([
    { level: 'error', upstream: 'Plugin', text: `a file of it could not be loaded; reload the page (${why})` },
  ]);
}
