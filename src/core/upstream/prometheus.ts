import { forkJoin, map, type Observable, tap } from 'rxjs';

import { durationMs } from './durations';
import { UpstreamError } from './errors';
import { defaultRetryPolicy, retryTransient } from './retry';
import { type EvaluationTimes, type Param, type Transport } from './transport';

/** One series of a result: labels, and values at evaluation times in ms since the epoch. */
export interface PromSeries {
  labels: Readonly<Record<string, string>>;
  samples: Array<[number, number]>;
}

export interface PromResult {
  series: PromSeries[];
  /** What the engine has to say about its answer; a partial answer of Thanos or Mimir says so here. */
  warnings: string[];
}

export interface PrometheusSettings {
  uid: string;
  method: 'GET' | 'POST';
  /** `customQueryParameters` of the data source, which the proxy does not add; names may repeat (`extra_filters[]`). */
  customParameters: readonly Param[];
  /** True for answers that no cache of results may give. */
  fresh?: boolean;
}

/** VictoriaMetrics' way to say that its cache must not answer; others ignore it. */
const noCache: Param = ['nocache', '1'];

/** A small client of Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export class PrometheusClient {
  constructor(
    private readonly transport: Transport,
    private readonly settings: PrometheusSettings,
    private readonly retryPolicy = defaultRetryPolicy
  ) {}

  /** Names the Prometheus that it asks. */
  get uid(): string {
    return this.settings.uid;
  }

  /**
   * The same client, which also tells of the warnings of each answer: a reader of many answers then can't overlook that
   * one of them was partial.
   */
  reporting(report: (warning: string) => void): PrometheusClient {
    const transport: Transport = (request) =>
      this.transport(request).pipe(tap((body) => warningsOf(body).forEach((warning) => report(warning))));
    return new PrometheusClient(transport, this.settings, this.retryPolicy);
  }

  /** The same client, whose answers no cache of results may give. */
  fresh(): PrometheusClient {
    return new PrometheusClient(this.transport, { ...this.settings, fresh: true }, this.retryPolicy);
  }

  /** Evaluates at `time`, in ms since the epoch. */
  instant(query: string, time: number): Observable<PromResult> {
    const params = { query, time: seconds(time) };
    const evaluatedAt = { first: time, last: time, stepMs: 1 };
    return this.ask((body) => parseResult(body, 'vector'), 'api/v1/query', params, evaluatedAt);
  }

  /** Evaluates at `first`, `first + step`, … `last`, in ms since the epoch. At most 11 000 evaluations. */
  range(query: string, first: number, last: number, stepMs: number): Observable<PromResult> {
    const params = { query, start: seconds(first), end: seconds(last), step: seconds(stepMs) };
    return this.ask((body) => parseResult(body, 'matrix'), 'api/v1/query_range', params, { first, last, stepMs });
  }

  /**
   * The samples that a range selector finds at `time` (ms since the epoch), at their own times. Such an answer can't prove
   * which query it answers; `check` may throw an `UpstreamError` when it can't be the one.
   */
  samples(selector: string, time: number, check: (result: PromResult) => void = () => {}): Observable<PromResult> {
    const parse = (body: unknown) => {
      const result = parseResult(body, 'matrix');
      check(result);
      return result;
    };
    return this.ask(parse, 'api/v1/query', { query: selector, time: seconds(time) });
  }

  /**
   * How long samples are kept, in ms (`storageRetention` of `/api/v1/status/runtimeinfo`); undefined where only the size
   * is limited. Compatible engines may answer 404.
   */
  retention(): Observable<number | undefined> {
    return this.status(parseRetention, 'api/v1/status/runtimeinfo');
  }

  /**
   * Time of the oldest sample, in ms since the epoch: of the blocks (since Prometheus 3.6) and of the head. Undefined for a
   * store that is empty, or that has blocks which it does not list.
   */
  oldestSample(): Observable<number | undefined> {
    return forkJoin([
      this.status(parseBlocks, 'api/v1/status/tsdb/blocks'),
      this.status(parseHead, 'api/v1/status/tsdb'),
    ]).pipe(
      map((times) => times.flat()),
      map((times) => (times.length > 0 ? Math.min(...times) : undefined))
    );
  }

  /** Version by its own account. Compatible engines may answer 404. */
  version(): Observable<string> {
    return this.status(parseVersion, 'api/v1/status/buildinfo');
  }

  /** Asks for a state of the engine, which always goes by GET. */
  private status<T>(parse: (body: unknown) => T, path: string): Observable<T> {
    const { uid, customParameters } = this.settings;
    return this.transport({ uid, method: 'GET', path, params: {}, moreParams: customParameters }).pipe(
      map(parse),
      retryTransient(this.retryPolicy)
    );
  }

  private ask<T>(
    parse: (body: unknown) => T,
    path: string,
    params: Record<string, string>,
    evaluatedAt?: EvaluationTimes
  ): Observable<T> {
    const { uid, method, customParameters, fresh } = this.settings;
    const moreParams = fresh ? [...customParameters, noCache] : customParameters;
    const request = { uid, method, path, params, moreParams, ...(fresh && { fresh: true as const }) };
    return this.transport({ ...request, ...(evaluatedAt && { evaluatedAt }) }).pipe(
      map(parse),
      retryTransient(this.retryPolicy)
    );
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

interface Answer {
  status?: unknown;
  data?: unknown;
  warnings?: unknown;
  infos?: unknown;
}

/** A body that was cut off or comes from something else has another form; the shape of every answer is checked. */
function dataOf<T>(body: unknown, isForm: (data: unknown) => boolean): T {
  const answer = body as Answer | null;
  if (typeof answer !== 'object' || answer?.status !== 'success' || !isForm(answer.data)) {
    const shown = typeof body === 'string' ? `: ${JSON.stringify(body.slice(0, 60))}` : '';
    throw new UpstreamError('malformed', `the answer does not have the form that Prometheus documents${shown}`);
  }
  return answer.data as T;
}

function warningsOf(body: unknown): string[] {
  const warnings = (body as Answer | null | undefined)?.warnings;
  return Array.isArray(warnings) ? warnings.map(String) : [];
}

interface RawSeries {
  metric?: Record<string, string>;
  value?: [number, string];
  values?: Array<[number, string]>;
}

function parseResult(body: unknown, resultType: 'vector' | 'matrix'): PromResult {
  const { result } = dataOf<{ result: RawSeries[] }>(body, (data) => {
    const form = data as { resultType?: unknown; result?: unknown } | null;
    return (
      typeof form === 'object' &&
      form?.resultType === resultType &&
      Array.isArray(form.result) &&
      form.result.every(isSeries)
    );
  });
  return {
    warnings: warningsOf(body),
    series: result.map(({ metric = {}, value, values }) => ({
      labels: metric,
      samples: (values ?? (value ? [value] : [])).map(([time, number]): [number, number] => [
        Math.round(Number(time) * 1000),
        Number(number),
      ]),
    })),
  };
}

/** Labels that are texts, and samples that are a time with a value, which is written as a text. */
function isSeries(series: unknown): boolean {
  if (!isObject(series)) {
    return false;
  }
  const { metric = {}, value, values } = series as { metric?: unknown; value?: unknown; values?: unknown };
  const samples = values ?? (value ? [value] : []);
  return (
    isObject(metric) &&
    Object.values(metric as object).every((label) => typeof label === 'string') &&
    Array.isArray(samples) &&
    samples.every(isSample)
  );
}

function isSample(sample: unknown): boolean {
  if (!Array.isArray(sample)) {
    return false;
  }
  const [time, value] = sample as unknown[];
  return typeof time === 'number' && Math.abs(time) < 8.64e12 && typeof value === 'string' && isValue(value);
}

/** Prometheus writes Go's numbers: `NaN`, `+Inf` and `-Inf` are some. */
function isValue(text: string): boolean {
  return text === 'NaN' || /^[+-]Inf$/.test(text) || (text.trim() !== '' && !Number.isNaN(Number(text)));
}

function parseVersion(body: unknown): string {
  const { version } = dataOf<{ version?: unknown }>(body, isObject);
  if (typeof version !== 'string') {
    throw new UpstreamError('malformed', 'the version does not have the form that Prometheus documents');
  }
  return version;
}

/** `15d`, `15d or 10GiB`, `10GiB`. */
function parseRetention(body: unknown): number | undefined {
  const { storageRetention } = dataOf<{ storageRetention?: unknown }>(body, isObject);
  const parts = typeof storageRetention === 'string' ? storageRetention.split(' or ') : [];
  return parts.map(durationMs).find((ms) => ms !== undefined && ms > 0);
}

function parseBlocks(body: unknown): number[] {
  const { blocks } = dataOf<{ blocks?: unknown }>(body, isObject);
  return Array.isArray(blocks)
    ? blocks.flatMap((block) => timeOf((block as { minTime?: unknown } | null)?.minTime))
    : [];
}

function parseHead(body: unknown): number[] {
  const { headStats } = dataOf<{ headStats?: { minTime?: unknown } }>(body, isObject);
  return timeOf(headStats?.minTime);
}

/** An empty head says that its oldest sample is at the end of time. */
function timeOf(value: unknown): number[] {
  return typeof value === 'number' && Math.abs(value) < 8.64e15 ? [value] : [];
}

function isObject(data: unknown): boolean {
  return typeof data === 'object' && data !== null;
}
