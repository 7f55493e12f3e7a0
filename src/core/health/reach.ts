import { catchError, defer, forkJoin, map, type Observable, of } from 'rxjs';

import { minuteMs } from '../domain/duration';
import { type Settings } from '../settings';
import { type Connections, lokiClient, prometheusClient, type UpstreamName } from '../upstream/connections';
import { toUpstreamError, type UpstreamErrorKind } from '../upstream/errors';
import { once } from '../upstream/retry';
import { explainerOf } from './explain';

/** An upstream that does not answer at all. */
export interface Unreachable {
  upstream: UpstreamName;
  /** What is wrong, and what to change. */
  problem: string;
}

/** What only an upstream that is there and lets this reader in says. */
const saysItself: ReadonlySet<UpstreamErrorKind> = new Set([
  'bad-request',
  'series-limit',
  'entries-limit',
  'length-limit',
  'size-limit',
  'too-old',
  'empty',
]);

/** Asks both upstreams one small question; `now` in ms since the epoch. Emits those that do not answer. Never errors. */
export function unreachable(settings: Settings, connections: Connections, now: number): Observable<Unreachable[]> {
  const explain = explainerOf(connections);
  const ask = (upstream: UpstreamName, question: () => Observable<unknown>): Observable<Unreachable[]> =>
    defer(question).pipe(
      map(() => []),
      catchError((error: unknown) =>
        of(saysItself.has(toUpstreamError(error).kind) ? [] : [{ upstream, problem: explain(upstream, error) }])
      )
    );
  return forkJoin([
    ask('Loki', () =>
      lokiClient(connections, once).hasStreams(settings.requestSelector, now - minuteMs, now, minuteMs)
    ),
    ask('Prometheus', () => prometheusClient(connections, once).instant('vector(1)', now)),
  ]).pipe(map((found) => found.flat()));
}
