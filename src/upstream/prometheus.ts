import { map, type Observable } from 'rxjs';

import { UpstreamError } from './errors';
import { defaultRetryPolicy, retryTransient } from './retry';
import { type Transport } from './transport';

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
  /** `customQueryParameters` of the data source, which the proxy does not add. */
  customParameters: Readonly<Record<string, string>>;
}

/** A small client of Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export class PrometheusClient {
  constructor(
    private readonly transport: Transport,
    private readonly settings: PrometheusSettings,
    private readonly retryPolicy = defaultRetryPolicy
  ) {}

  /** Evaluates at `time`, in ms since the epoch. */
  instant(query: string, time: number): Observable<PromResult> {
    return this.ask((body) => parseResult(body, 'vector'), 'api/v1/query', { query, time: seconds(time) });
  }

  /** Evaluates at `first`, `first + step`, … `last`, in ms since the epoch. At most 11 000 evaluations. */
  range(query: string, first: number, last: number, stepMs: number): Observable<PromResult> {
    return this.ask((body) => parseResult(body, 'matrix'), 'api/v1/query_range', {
      query,
      start: seconds(first),
      end: seconds(last),
      step: seconds(stepMs),
    });
  }

  private ask<T>(parse: (body: unknown) => T, path: string, params: Record<string, string>): Observable<T> {
    const { uid, method, customParameters } = this.settings;
    return this.transport({ uid, method, path, params: { ...customParameters, ...params } }).pipe(
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
    throw new UpstreamError('malformed', `the answer is not of the form that Prometheus documents${shown}`);
  }
  return answer.data as T;
}

interface RawSeries {
  metric?: Record<string, string>;
  value?: [number, string];
  values?: Array<[number, string]>;
}

function parseResult(body: unknown, resultType: 'vector' | 'matrix'): PromResult {
  const { result } = dataOf<{ result: RawSeries[] }>(body, (data) => {
    const form = data as { resultType?: unknown; result?: unknown } | null;
    return typeof form === 'object' && form?.resultType === resultType && Array.isArray(form.result);
  });
  const { warnings } = body as Answer;
  return {
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    series: result.map(({ metric = {}, value, values }) => ({
      labels: metric,
      samples: (values ?? (value ? [value] : [])).map(([time, number]): [number, number] => [
        Math.round(Number(time) * 1000),
        Number(number),
      ]),
    })),
  };
}
