import {
  catchError,
  concatMap,
  defer,
  forkJoin,
  from,
  map,
  type Observable,
  of,
  switchMap,
  takeWhile,
  toArray,
} from 'rxjs';

import { dayMs } from '../domain/duration';
import { keepsHalfAYear, lokiRetention } from '../domain/retention';
import { amountOf, isoTime } from '../domain/text';
import { quoteLogql, requestFamily } from '../expr/logql';
import { lineOptionsOf, type Settings } from '../settings';
import { type LokiClient } from '../upstream/loki';
import { type LokiLimits } from '../upstream/lokiLimits';
import { type Explain } from './explain';
import { type HealthLine } from './line';
import { writeAccess } from './writeAccess';

/** Length of one look into the index: below the default limit of 30 days. */
const monthMs = 30 * dayMs;

/** So many months are looked back for the oldest line. */
const maxMonths = 13;

/** Below this, a month takes hundreds of requests. */
const comfortableSeries = 500;

/** A query runs for seconds at most, so that only a very short limit is in the way. */
const comfortableTimeoutMs = 10_000;

const line = (level: HealthLine['level'], text: string): HealthLine => ({ level, upstream: 'Loki', text });

/** How a Loki is asked. */
interface LokiAccess {
  open: () => LokiClient;
  /** True where all who may query the data source have the same access. */
  isShared: boolean;
  explain: Explain;
}

/** Asks a Loki small real questions; `now` in ms since the epoch. Never errors. */
export function lokiHealth(access: LokiAccess, settings: Settings, now: number): Observable<HealthLine[]> {
  const { open, isShared, explain } = access;
  return defer(() => {
    const client = open();
    return countRequests(client, settings, now).pipe(
      switchMap((requests) =>
        forkJoin([
          version(client),
          data(client, settings.requestSelector, requests, now, explain),
          exposed(client, settings.exposedSelector, now, explain),
          limits(client),
          ...(isShared ? [writeAccess(client)] : []),
        ])
      ),
      map((lines) => lines.flat())
    );
  }).pipe(catchError((error: unknown) => of([line('error', explain('Loki', error))])));
}

/** Request lines of the last day, whatever they are: the question that all figures are made of. */
function countRequests(client: LokiClient, settings: Settings, now: number): Observable<number> {
  const { selector, filters } = requestFamily(settings.requestSelector, lineOptionsOf(settings));
  const expr = `sum(count_over_time(${selector} ${filters} [${dayMs}ms]))`;
  return client
    .counts(expr, now, now, 1)
    .pipe(map(({ series }) => series.flatMap(({ samples }) => samples).reduce((sum, [, count]) => sum + count, 0)));
}

function version(client: LokiClient): Observable<HealthLine[]> {
  return client.version().pipe(
    map((text) => [line('ok', `reachable, version ${text}`)]),
    catchError(() => of([line('ok', 'reachable, version unknown')]))
  );
}

function data(
  client: LokiClient,
  selector: string,
  requests: number,
  now: number,
  explain: Explain
): Observable<HealthLine[]> {
  return oldestLine(client, `${selector} |= ${quoteLogql('[GIN-EXECUTIONS-LOGGER]')}`, selector, now).pipe(
    map((found) => {
      if (!found.hasStreams) {
        return [
          line(
            'error',
            `no stream matches ${selector} in the last 30 days; set the option requestSelector to the labels of the OSCAR manager's log, or send that log to Loki`
          ),
        ];
      }
      const since = found.first === undefined ? '' : `; the oldest known one is from ${isoTime(found.first)}`;
      if (requests === 0) {
        const hint =
          found.first === undefined
            ? 'none of the matching lines comes from the executions logger: the OSCAR manager must log executions, and the log collector must not drop them'
            : 'the cluster was idle, or the log collector has stopped';
        return [line('warning', `no request line matches ${selector} in the last 24 hours${since}; ${hint}`)];
      }
      return [line('ok', `${amountOf(requests, 'request line')} in the last 24 hours${since}`)];
    }),
    catchError((error: unknown) => of([line('warning', `the age of the data is unknown: ${explain('Loki', error)}`)]))
  );
}

/** Looks back month by month, in the index, until there is nothing; then for the first line in the last one found. */
export function oldestLine(
  client: LokiClient,
  expr: string,
  selector: string,
  now: number
): Observable<{ hasStreams: boolean; first?: number }> {
  const months = Array.from({ length: maxMonths }, (_, index) => now - (index + 1) * monthMs);
  return from(months).pipe(
    concatMap((start) =>
      client.hasStreams(selector, start, start + monthMs, monthMs).pipe(map((found) => ({ start, found })))
    ),
    takeWhile(({ found }) => found),
    toArray(),
    switchMap((found) => {
      const last = found[found.length - 1];
      return last
        ? client
            .firstLines(expr, last.start, last.start + monthMs, 1)
            .pipe(map(([one]) => ({ hasStreams: true, ...(one && { first: one.time }) })))
        : of({ hasStreams: false });
    })
  );
}

function exposed(client: LokiClient, selector: string, now: number, explain: Explain): Observable<HealthLine[]> {
  if (selector === '') {
    return of([line('ok', 'exposed requests are not configured (the option exposedSelector is empty)')]);
  }
  return client.hasStreams(selector, now - monthMs, now, monthMs).pipe(
    map((found) =>
      found
        ? [line('ok', 'log lines of the ingress controller found')]
        : [
            line(
              'warning',
              `no stream matches ${selector} in the last 30 days, so exposed requests are not counted; send the ingress controller's log to Loki, correct the option exposedSelector, or set it to an empty text`
            ),
          ]
    ),
    catchError((error: unknown) => of([line('warning', `exposed requests: ${explain('Loki', error)}`)]))
  );
}

function limits(client: LokiClient): Observable<HealthLine[]> {
  return client.limits().pipe(
    map(linesOfLimits),
    catchError(() =>
      of([line('ok', 'does not report its limits (Loki 3.4 and newer do), so they are inferred from its errors')])
    )
  );
}

const days = (ms: number) => `${amountOf(Math.round((ms / dayMs) * 10) / 10, 'day')}`;

function linesOfLimits(limitsOfLoki: LokiLimits): HealthLine[] {
  const { maxSeries, maxLengthMs, lookBackMs, queryTimeoutMs, retentionMs } = limitsOfLoki;
  const stated = [
    ...(maxSeries ? [`max_query_series ${maxSeries}`] : []),
    ...(maxLengthMs ? [`max_query_length ${days(maxLengthMs)}`] : []),
    ...(lookBackMs && lookBackMs < Infinity ? [`max_query_lookback ${days(lookBackMs)}`] : []),
    ...(queryTimeoutMs ? [`query_timeout ${queryTimeoutMs / 1000} s`] : []),
    retentionMs ? `retention ${days(retentionMs)}` : 'no retention limit reported',
  ];
  return [
    line('ok', `limits: ${stated.join(', ')}`),
    ...adviceOnLimits(limitsOfLoki).map((text) => line('warning', text)),
  ];
}

/** Limits that make reports slow or short, and what to change. A limit that is not stated is none. */
function adviceOnLimits(stated: LokiLimits): string[] {
  return [...adviceOnRequests(stated), ...adviceOnAge(stated)];
}

function adviceOnRequests(stated: LokiLimits): string[] {
  const { maxSeries = Infinity, maxLengthMs = Infinity, queryTimeoutMs = Infinity } = stated;
  return [
    ...(maxSeries < comfortableSeries
      ? [`max_query_series is ${maxSeries}, so reports need many requests; raise it to 500 or more`]
      : []),
    ...(maxLengthMs < dayMs
      ? [
          'max_query_length or max_query_range is less than a day, so reports need many requests; raise it to a day or more',
        ]
      : []),
    ...(queryTimeoutMs < comfortableTimeoutMs
      ? [`query_timeout is ${queryTimeoutMs / 1000} s, so long ranges are read in many small parts; raise it to 60 s`]
      : []),
  ];
}

function adviceOnAge({ lookBackMs = Infinity, retentionMs = Infinity }: LokiLimits): string[] {
  return [
    ...(!keepsHalfAYear(lookBackMs)
      ? [
          `max_query_lookback is ${days(lookBackMs)}, so older lines can't be queried; set it to 0 (no limit), or to the time for which lines are kept`,
        ]
      : []),
    ...(!keepsHalfAYear(retentionMs)
      ? [`lines are kept for ${days(retentionMs)}; reports over six months need ${lokiRetention}`]
      : []),
  ];
}
