import { catchError, concatMap, first, map, type Observable, of, range, throwError } from 'rxjs';

import { dayMs } from '../domain/duration';
import { toUpstreamError, UpstreamError, type UpstreamErrorKind } from './errors';
import { type LokiLimits, parseLimits } from './lokiLimits';
import { defaultRetryPolicy, retryTransient } from './retry';
import { type Transport, type TransportRequest } from './transport';

/** Counts, and what they cost. */
export interface Counts {
  series: CountSeries[];
  /** Time that the engine spent, in ms, by its own account; undefined when it does not say. */
  engineMs?: number;
  /** What Loki has to say about its answer, such as that it is partial; absent when it says nothing. */
  warnings?: string[];
  /** Parts in time that Loki computed on its own and merged, by its own account; undefined when it does not say. */
  splits?: number;
}

/** Lines with the same labels, by time. */
export interface LineStream {
  labels: Readonly<Record<string, string>>;
  /** Time in ns since the epoch, and untrusted text. */
  lines: Array<[time: string, text: string]>;
}

/** Lines, and what they cost. */
export interface Lines {
  streams: LineStream[];
  /** As of `Counts`. */
  engineMs?: number;
  /** As of `Counts`. */
  warnings?: string[];
}

/** One log line. */
export interface LogLine {
  /** ms since the epoch, rounded up to the millisecond that the line belongs to (contract rule 5). */
  time: number;
  /** Untrusted text. */
  text: string;
}

/** One series of counts: its labels and, per evaluation time, a count. */
export interface CountSeries {
  labels: Readonly<Record<string, string>>;
  /** `[evaluation time in ms, count]`, only where the count is not 0. */
  samples: Array<[number, number]>;
}

/** Loki's own name for the tenant of an installation that has one only (`auth_enabled: false`). */
const onlyTenant = 'fake';

/** Kinds of errors that may be about the tenant that was named. */
const refusesTenant: ReadonlySet<UpstreamErrorKind> = new Set(['authentication', 'permission']);

/** Loki states its limits at once; a connection that is lost sooner than this was not lost for the question. */
const limitsLostMs = 10_000;

/** Ten years: before everything that anybody lets be asked for. */
const longAgoMs = 3650 * dayMs;

/** A small client of Loki's HTTP API (https://grafana.com/docs/loki/latest/reference/loki-http-api/); GET only, but for the questions of `health/writeAccess.ts`. */
export class LokiClient {
  constructor(
    private readonly transport: Transport,
    readonly uid: string,
    private readonly retryPolicy = defaultRetryPolicy,
    private readonly isFresh = false
  ) {}

  /** The same client, whose answers no cache of results may give. */
  fresh(): LokiClient {
    return new LokiClient(this.transport, this.uid, this.retryPolicy, true);
  }

  /**
   * Evaluates a metric query at `first`, `first + step`, … `last` (ms since the epoch). Loki aligns these to multiples
   * of the step, so they must be multiples already.
   */
  counts(
    expr: string,
    first: number,
    last: number,
    stepMs: number,
    how: Pick<TransportRequest, 'mayLackChunks' | 'provenByCount'> = {}
  ): Observable<Counts> {
    if (first % stepMs !== 0 || last % stepMs !== 0) {
      throw new RangeError(`evaluation times ${first} and ${last} are not multiples of the step ${stepMs} ms`);
    }
    const params = { query: expr, start: nanoseconds(first), end: nanoseconds(last), step: `${stepMs}ms` };
    return this.get(parseMatrix, 'loki/api/v1/query_range', params, { ...how, evaluatedAt: { first, last, stepMs } });
  }

  /**
   * True when a stream that the selector matches has entries between `start` and `end`, in ms; from the index alone.
   * Asks for `maxLengthMs` at a time, because Loki limits the length of this question too.
   */
  hasStreams(selector: string, start: number, end: number, maxLengthMs: number): Observable<boolean> {
    const pieces = Math.max(1, Math.ceil((end - start) / maxLengthMs));
    return range(0, pieces).pipe(
      concatMap((piece) =>
        this.get(parseSeries, 'loki/api/v1/series', {
          'match[]': selector,
          start: nanoseconds(start + piece * maxLengthMs),
          end: nanoseconds(Math.min(end, start + (piece + 1) * maxLengthMs)),
        })
      ),
      first((found) => found, false)
    );
  }

  /**
   * The lines of a log query that belong to the milliseconds of [start, end) (contract rule 5), `limit` at most. A log query
   * may lack a line that a metric query counts (specs/decisions/0005), so that the number has to be compared.
   */
  lines(expr: string, start: number, end: number, limit: number): Observable<Lines> {
    const params = {
      query: expr,
      // Just after start - 1 ms, and up to end - 1 ms.
      start: nanoseconds(start - 1, 1),
      end: nanoseconds(end - 1, 1),
      limit: String(limit),
      direction: 'forward',
    };
    return this.get(parseLineStreams, 'loki/api/v1/query_range', params, { countsLines: true });
  }

  /**
   * The first lines of a log query in [start, end), in ms. For examples and for the age of a store only: a log query
   * may lack a line that a metric query counts (specs/decisions/0005).
   */
  firstLines(expr: string, start: number, end: number, limit: number): Observable<LogLine[]> {
    return this.get((body) => parseStreams(body, limit), 'loki/api/v1/query_range', {
      query: expr,
      start: nanoseconds(start),
      end: nanoseconds(end),
      limit: String(limit),
      direction: 'forward',
    });
  }

  /**
   * Limits as `/loki/api/v1/drilldown-limits` states them. Old versions answer 404. A Loki with a single tenant wants a tenant to be
   * named for this question, and for no other: it takes any name, and refuses none at all, which a browser's console shows in red. The
   * tenant of a data source, or of a gateway that sets one, goes before this one.
   */
  limits(): Observable<LokiLimits> {
    const path = 'loki/api/v1/drilldown-limits';
    const ask = (tenant?: string) =>
      this.transport({ uid: this.uid, method: 'GET', path, params: {}, ...(tenant && { tenant }) }).pipe(
        map(parseLimits),
        retryTransient({ ...this.retryPolicy, quickMs: limitsLostMs })
      );
    // What stands before a Loki may not let that name pass.
    return ask(onlyTenant).pipe(
      catchError((error: unknown) => (refusesTenant.has(toUpstreamError(error).kind) ? ask() : throwError(() => error)))
    );
  }

  /**
   * How far back anything may be asked for (`max_query_lookback`), of a Loki that does not state its limits; infinite where there
   * is no such limit. A question about a time long before says so: one whose range is there is cut without a word.
   */
  lookBack(selector: string, now: number): Observable<number | undefined> {
    const query = `sum(count_over_time(${selector} [1m] offset ${longAgoMs}ms))`;
    const params = { query, start: nanoseconds(now), end: nanoseconds(now), step: '1ms' };
    // Asked once: without an answer nothing is known.
    return this.transport({ uid: this.uid, method: 'GET', path: 'loki/api/v1/query_range', params }).pipe(
      map(() => Infinity),
      catchError((error: unknown) => {
        const { kind, limit } = toUpstreamError(error);
        return kind === 'too-old' ? of(limit) : throwError(() => error);
      })
    );
  }

  /** Version by its own account. Errors where the way to Loki does not let this question through. */
  version(): Observable<string> {
    return this.get(parseVersion, 'loki/api/v1/status/buildinfo', {});
  }

  /** Asks to be let write nothing: no stream, whatever the path makes of it. Asked once. */
  pushNothing(path: 'loki/api/v1/push' | 'api/prom/push' | 'otlp/v1/logs', json: object): Observable<unknown> {
    return this.transport({ uid: this.uid, method: 'POST', path, params: {}, json });
  }

  /** Asks for a deletion that names neither lines nor times, which no version obeys. Asked once. */
  deleteNothing(): Observable<unknown> {
    return this.transport({ uid: this.uid, method: 'POST', path: 'loki/api/v1/delete', params: {} });
  }

  /** The list of Loki's own parts, which stands beside what stops it. Asked once. */
  services(): Observable<unknown> {
    return this.transport({ uid: this.uid, method: 'GET', path: 'services', params: {} });
  }

  private get<T>(
    parse: (body: unknown) => T,
    path: string,
    params: Record<string, string>,
    how: Pick<TransportRequest, 'evaluatedAt' | 'countsLines' | 'mayLackChunks' | 'provenByCount'> = {}
  ): Observable<T> {
    const fresh = this.isFresh ? ({ fresh: true } as const) : {};
    return this.transport({ uid: this.uid, method: 'GET', path, params, ...fresh, ...how }).pipe(
      map(parse),
      retryTransient(this.retryPolicy)
    );
  }
}

function nanoseconds(ms: number, beyond = 0): string {
  return `${ms}${String(beyond).padStart(6, '0')}`;
}

interface LokiResult {
  stream?: Record<string, string>;
  metric?: Record<string, string>;
  values?: Array<[number | string, string]>;
}

type ResultType = 'matrix' | 'streams';

/** A body that was cut off arrives as text with status 200, so the shape of every answer is checked. */
function resultOf(body: unknown, resultType: ResultType): LokiResult[] {
  const answer = body as { status?: unknown; data?: { resultType?: unknown; result?: unknown } } | null;
  if (typeof answer === 'object' && answer?.status === 'success' && answer.data?.resultType === resultType) {
    const { result } = answer.data;
    if (Array.isArray(result) && result.every(isObject)) {
      return result as LokiResult[];
    }
  }
  const shown =
    typeof body === 'string' ? `text that starts with ${JSON.stringify(body.slice(0, 60))}` : 'another form';
  throw new UpstreamError('malformed', `Loki's answer is not a complete ${resultType} result but ${shown}`);
}

function parseMatrix(body: unknown): Counts {
  const series = resultOf(body, 'matrix').map(({ metric = {}, values }) => ({
    labels: labelsOf(metric),
    samples: samplesOf(values).map(([seconds, count]): [number, number] => [
      wholeNumber(Math.round(Number(seconds) * 1000), 'a time'),
      wholeNumber(count, 'a count'),
    ]),
  }));
  const { data } = body as { data?: { stats?: { summary?: { splits?: unknown } } } };
  const splits = data?.stats?.summary?.splits;
  return { series, ...costOf(body), ...(typeof splits === 'number' && { splits }) };
}

/** What an answer says about itself. */
function costOf(body: unknown): Pick<Counts, 'engineMs' | 'warnings'> {
  const { data, warnings } = body as {
    data?: { stats?: { summary?: { execTime?: unknown } } };
    warnings?: unknown;
  };
  const execTime = data?.stats?.summary?.execTime;
  return {
    ...(typeof execTime === 'number' && { engineMs: execTime * 1000 }),
    ...(Array.isArray(warnings) && warnings.length > 0 && { warnings: warnings.map(String) }),
  };
}

function parseLineStreams(body: unknown): Lines {
  const streams = resultOf(body, 'streams').map(({ stream = {}, values }) => ({
    labels: labelsOf(stream),
    lines: samplesOf(values).map(lineOf),
  }));
  return { streams, ...costOf(body) };
}

function parseStreams(body: unknown, limit: number): LogLine[] {
  return resultOf(body, 'streams')
    .flatMap(({ values }) => samplesOf(values))
    .map(lineOf)
    .map(([time, text]): LogLine => ({ time: millisecondOf(time), text }))
    .sort((a, b) => a.time - b.time)
    .slice(0, limit);
}

/** The millisecond at or after a time in ns since the epoch. */
export function millisecondOf(ns: string): number {
  const ms = Number(ns.slice(0, -6));
  return Number(ns.slice(-6)) > 0 ? ms + 1 : ms;
}

function samplesOf(values: LokiResult['values']): NonNullable<LokiResult['values']> {
  if (!Array.isArray(values) || !values.every((sample: unknown) => Array.isArray(sample))) {
    throw new UpstreamError('malformed', "a series in Loki's answer has no values");
  }
  return values;
}

function labelsOf(labels: unknown): Record<string, string> {
  if (!isObject(labels) || !Object.values(labels).every((value) => typeof value === 'string')) {
    throw new UpstreamError('malformed', "a series in Loki's answer has labels that are not text");
  }
  return labels as Record<string, string>;
}

function lineOf([time, text]: readonly unknown[]): [time: string, text: string] {
  if (!/^\d+$/.test(String(time)) || typeof text !== 'string') {
    throw new UpstreamError('malformed', "a line in Loki's answer is not a time with a text");
  }
  return [String(time), text];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function wholeNumber(value: unknown, what: string): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
  if (!Number.isSafeInteger(number) || number < 0 || value === '') {
    throw new UpstreamError(
      'malformed',
      `Loki's answer has ${what} that is not a whole number: ${JSON.stringify(value)}`
    );
  }
  return number;
}

function parseSeries(body: unknown): boolean {
  const { status, data } = (body ?? {}) as { status?: unknown; data?: unknown };
  if (status !== 'success' || (data !== undefined && !Array.isArray(data))) {
    throw new UpstreamError('malformed', "Loki's list of streams does not have the documented form");
  }
  return Array.isArray(data) && data.length > 0;
}

function parseVersion(body: unknown): string {
  const version = (body as { version?: unknown } | null)?.version;
  if (typeof version !== 'string') {
    throw new UpstreamError('malformed', "Loki's version does not have the documented form");
  }
  return version;
}
