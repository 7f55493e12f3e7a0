import { type BackendSrvRequest, type FetchError, getBackendSrv } from '@grafana/runtime';
import { catchError, defer, map, type Observable, throwError } from 'rxjs';

import { durationMs } from './durations';
import { UpstreamError, type UpstreamErrorKind } from './errors';

/** One request to an upstream, relative to the root of its HTTP API. */
export interface TransportRequest {
  /** uid of the Grafana data source that proxies the request. */
  uid: string;
  method: 'GET' | 'POST';
  /** Such as `loki/api/v1/query_range`; never built from untrusted text. */
  path: string;
  params: Readonly<Record<string, string>>;
  /** The tenant to ask for where the data source names none (`X-Scope-OrgID`); its own goes before this one. */
  tenant?: string;
  /** For a metric query: when it is evaluated. */
  evaluatedAt?: EvaluationTimes;
  /** The answer is only compared with others, so that nobody needs to know whether chunks are lost (`lostChunks.ts`). */
  mayLackChunks?: true;
  /** The engine must not answer from its cache of results. */
  fresh?: true;
  /** For a log query whose lines are counted: the answer must prove that it belongs to this query. */
  countsLines?: true;
}

/** Evaluation times `first`, `first + stepMs`, … `last`, in ms since the epoch. */
export interface EvaluationTimes {
  first: number;
  last: number;
  stepMs: number;
}

/** Sends a request and emits the parsed body once. Errors are `UpstreamError`s. Unsubscribing aborts the request. */
export type Transport = (request: TransportRequest) => Observable<unknown>;

let lastRequestNumber = 0;

/** The one place that talks to Grafana's HTTP: its data source proxy, by the uid of an existing data source. */
export const grafanaTransport: Transport = (request) => defer(() => send(request));

function send({ uid, method, path, params, tenant, fresh }: TransportRequest): Observable<unknown> {
  lastRequestNumber += 1;
  // A fresh object per attempt, because the query inspector edits it; a request id of its own, because Grafana cancels
  // the older of two requests with the same id.
  const request: BackendSrvRequest = {
    url: `/api/datasources/proxy/uid/${encodeURIComponent(uid)}/${path}`,
    method,
    requestId: `oscar-metrics-${lastRequestNumber}`,
    showErrorAlert: false,
    showSuccessAlert: false,
    hideFromInspector: true,
    ...(method === 'GET'
      ? {
          params: { ...params },
          headers: { ...(tenant && { 'X-Scope-OrgID': tenant }), ...(fresh && { 'Cache-Control': 'no-cache' }) },
        }
      : {
          data: new URLSearchParams(params).toString(),
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        }),
  };
  // Not Date.now(): clocks jump.
  const startedAt = performance.now();
  return getBackendSrv()
    .fetch<unknown>(request)
    .pipe(
      map((response) => response.data),
      catchError((error: unknown) => throwError(() => errorOfFetch(error, performance.now() - startedAt)))
    );
}

/**
 * Reads Grafana's error shapes: a `FetchError` with the upstream's body, a cancellation, a failed connection, or a body
 * that should be JSON and is not. `tookMs` is how long the failure took.
 */
export function errorOfFetch(error: unknown, tookMs?: number): UpstreamError {
  if (error instanceof UpstreamError) {
    return error;
  }
  const fetchError = (error ?? {}) as Partial<FetchError<unknown>> & { type?: string; message?: string };
  if (fetchError.cancelled || fetchError.type === 'cancelled') {
    return new UpstreamError('cancelled', 'the request was cancelled');
  }
  if (fetchError.status === undefined && (error as { name?: unknown } | null)?.name === 'SyntaxError') {
    return new UpstreamError('malformed', 'the answer says that it is JSON, but it is cut off or something else');
  }
  const status = fetchError.status || undefined;
  const text = messageOfBody(fetchError.data) || fetchError.statusText || fetchError.message || '';
  const { kind, limit } = classify(status, text);
  return new UpstreamError(kind, describe(status, text), status, retryAfterOf(error), limit, tookMs);
}

/**
 * Loki answers in plain text or as `{message}`; Prometheus as `{status, errorType, error}`. Grafana puts plain text into
 * `message`, with the status text as `error`, so that `message` comes first.
 */
function messageOfBody(body: unknown): string {
  const { error, message } = (typeof body === 'object' && body !== null ? body : { message: body }) as Record<
    string,
    unknown
  >;
  const text = [message, error].find((one): one is string => typeof one === 'string' && one !== '') ?? '';
  // An HTML error page of something in between says nothing that fits on a line.
  return /^\s*</.test(text) ? '' : text.trim();
}

const limitMessages: ReadonlyArray<readonly [RegExp, UpstreamErrorKind]> = [
  [/maximum (?:number )?of series \(?(\d+)?/i, 'series-limit'],
  [/max entries limit per query exceeded(?:.*> (\d+)\))?/i, 'entries-limit'],
  [
    /query time range exceeds the limit(?: \(query length: [^,]*, limit: ([^)]*))?|exceeds the limit \(query length/i,
    'length-limit',
  ],
  [
    /would read too many bytes|too many (?:samples|chunks)|exceeded maximum resolution|query is too large|larger than max/i,
    'size-limit',
  ],
  [/too many outstanding requests|rate limit/i, 'rate'],
  [/timeout|timed out|deadline exceeded|context canceled/i, 'timeout'],
];

const kindByStatus: Readonly<Record<number, UpstreamErrorKind>> = {
  401: 'authentication',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'size-limit',
  414: 'size-limit',
  429: 'rate',
  499: 'timeout',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

function classify(status: number | undefined, text: string): { kind: UpstreamErrorKind; limit?: number } {
  // Grafana's own words for an upstream that answered 401.
  if (status === 400 && /authentication to data source failed/i.test(text)) {
    return { kind: 'authentication' };
  }
  if (status === 429) {
    return { kind: 'rate' };
  }
  for (const [pattern, kind] of limitMessages) {
    const match = pattern.exec(text);
    if (match) {
      const limit = kind === 'length-limit' ? durationMs(match[1]) : match[1] ? Number(match[1]) : undefined;
      return { kind, ...(limit && { limit }) };
    }
  }
  if (status === undefined) {
    return { kind: 'timeout' };
  }
  return { kind: kindByStatus[status] ?? (status >= 500 ? 'unavailable' : 'bad-request') };
}

function describe(status: number | undefined, text: string): string {
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  if (status === undefined) {
    return shown ? `no response: ${shown}` : 'the connection was dropped without a response';
  }
  return shown ? `HTTP ${status}: ${shown}` : `HTTP ${status} without a message`;
}

function retryAfterOf(error: unknown): number | undefined {
  const headers = (error as { headers?: { get?: (name: string) => string | null } } | undefined)?.headers;
  const seconds = Number(headers?.get?.('Retry-After'));
  return seconds > 0 ? seconds * 1000 : undefined;
}
