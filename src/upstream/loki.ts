import { map, type Observable } from 'rxjs';

import { UpstreamError } from './errors';
import { defaultRetryPolicy, retryTransient } from './retry';
import { type Transport } from './transport';

/** One series of counts: its labels and, per evaluation time, a count. */
export interface CountSeries {
  labels: Readonly<Record<string, string>>;
  /** `[evaluation time in ms, count]`, only where the count is not 0. */
  samples: Array<[number, number]>;
}

/** A log line with its entry timestamp in ns. */
export interface LogLine {
  time: bigint;
  line: string;
  labels: Readonly<Record<string, string>>;
}

/** Limits that a Loki states of itself; absent where it does not say. */
export interface LokiLimits {
  maxSeries?: number;
  maxEntries?: number;
  maxLengthMs?: number;
}

/** A small client of Loki's HTTP API (https://grafana.com/docs/loki/latest/reference/loki-http-api/); GET only. */
export class LokiClient {
  constructor(
    private readonly transport: Transport,
    readonly uid: string,
    private readonly retryPolicy = defaultRetryPolicy
  ) {}

  /**
   * Evaluates a metric query at `first`, `first + step`, … `last` (ms since the epoch). Loki aligns these to multiples
   * of the step, so they must be multiples already.
   */
  counts(expr: string, first: number, last: number, stepMs: number): Observable<CountSeries[]> {
    if (first % stepMs !== 0 || last % stepMs !== 0) {
      throw new RangeError(`evaluation times ${first} and ${last} are not multiples of the step ${stepMs} ms`);
    }
    return this.get(parseMatrix, 'loki/api/v1/query_range', {
      query: expr,
      start: nanoseconds(first),
      end: nanoseconds(last),
      step: `${stepMs}ms`,
    });
  }

  /** At most `limit` lines of [start, end) in ns, oldest first. */
  lines(expr: string, start: bigint, end: bigint, limit: number): Observable<LogLine[]> {
    return this.get(parseStreams, 'loki/api/v1/query_range', {
      query: expr,
      start: String(start),
      end: String(end),
      limit: String(limit),
      direction: 'forward',
    });
  }

  /** Limits as `/loki/api/v1/drilldown-limits` states them. Old versions answer 404. */
  limits(): Observable<LokiLimits> {
    return this.get(parseLimits, 'loki/api/v1/drilldown-limits', {});
  }

  private get<T>(parse: (body: unknown) => T, path: string, params: Record<string, string>): Observable<T> {
    return this.transport({ uid: this.uid, method: 'GET', path, params }).pipe(
      map(parse),
      retryTransient(this.retryPolicy)
    );
  }
}

function nanoseconds(ms: number): string {
  return `${ms}000000`;
}

interface LokiResult {
  metric?: Record<string, string>;
  stream?: Record<string, string>;
  values?: Array<[number | string, string]>;
}

/** A body that was cut off arrives as text with status 200, so the shape of every answer is checked. */
function resultOf(body: unknown, resultType: 'matrix' | 'streams'): LokiResult[] {
  const answer = body as { status?: unknown; data?: { resultType?: unknown; result?: unknown } } | null;
  if (typeof answer === 'object' && answer?.status === 'success' && answer.data?.resultType === resultType) {
    if (Array.isArray(answer.data.result)) {
      return answer.data.result as LokiResult[];
    }
  }
  const shown =
    typeof body === 'string' ? `text that starts with ${JSON.stringify(body.slice(0, 60))}` : 'another form';
  throw new UpstreamError('malformed', `Loki's answer is not a complete ${resultType} result but ${shown}`);
}

function parseMatrix(body: unknown): CountSeries[] {
  return resultOf(body, 'matrix').map(({ metric = {}, values = [] }) => ({
    labels: metric,
    samples: values.map(([seconds, count]): [number, number] => [
      Math.round(Number(seconds) * 1000),
      wholeNumber(count),
    ]),
  }));
}

function parseStreams(body: unknown): LogLine[] {
  const lines = resultOf(body, 'streams').flatMap(({ stream = {}, values = [] }) =>
    values.map(([time, line]) => ({ time: BigInt(time), line, labels: stream }))
  );
  return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new UpstreamError('malformed', `Loki counted ${JSON.stringify(text)} lines, which is not a whole number`);
  }
  return number;
}

function parseLimits(body: unknown): LokiLimits {
  const limits = (body as { limits?: Record<string, unknown> } | null)?.limits;
  if (typeof limits !== 'object' || limits === null) {
    throw new UpstreamError('malformed', "Loki's limits are not of the documented form");
  }
  return {
    ...positive('maxSeries', limits['max_query_series']),
    ...positive('maxEntries', limits['max_entries_limit_per_query']),
    ...positive('maxLengthMs', durationMs(limits['max_query_length'])),
  };
}

function positive<K extends string>(key: K, value: unknown): { [P in K]?: number } {
  return typeof value === 'number' && value > 0 ? ({ [key]: value } as { [P in K]?: number }) : {};
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `30d1h`, `721h0m0s` or nanoseconds as a number, in ms; undefined for anything else. */
export function durationMs(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value / 1e6;
  }
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+$/.test(value)) {
    return undefined;
  }
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0
  );
}
