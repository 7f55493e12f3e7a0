import { type BackendSrvRequest, type FetchError, getBackendSrv } from '@grafana/runtime';
import { catchError, defer, map, type Observable, throwError } from 'rxjs';

import { classify } from './errorMessages';
import { UpstreamError } from './errors';

/** One request to an upstream, relative to the root of its HTTP API. */
export interface TransportRequest {
  /** uid of the Grafana data source that proxies the request. */
  uid: string;
  method: 'GET' | 'POST';
  /** Such as `loki/api/v1/query_range`; never built from untrusted text. */
  path: string;
  params: Readonly<Record<string, string>>;
  /** The body of a POST, in JSON, instead of the parameters. */
  json?: object;
  /** Further parameters, whose names may repeat; `params` go before those of the same name. */
  moreParams?: readonly Param[];
  /** The tenant to ask for where the data source names none (`X-Scope-OrgID`); its own goes before this one. */
  tenant?: string;
  /** For a metric query: when it is evaluated. */
  evaluatedAt?: EvaluationTimes;
  /** The answer is only compared with others, so that nobody needs to know whether chunks are lost (`lostChunks.ts`). */
  mayLackChunks?: true;
  /** What the answer is for: the name of a source (`sentQueries.ts`). */
  purpose?: string;
  /** The engine must not answer from its cache of results. */
  fresh?: true;
  /** For a log query whose lines are counted: the answer must prove that it belongs to this query. */
  countsLines?: true;
}

/** What a request is sent to. */
export type Engine = 'loki' | 'prometheus';

export function engineOf({ path }: Pick<TransportRequest, 'path'>): Engine {
  return path.startsWith('loki/') ? 'loki' : 'prometheus';
}

export type Param = readonly [name: string, value: string];

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

function send(sent: TransportRequest): Observable<unknown> {
  const { uid, method, path, tenant } = sent;
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
      ? { params: groupedParams(sent), headers: { ...(tenant && { 'X-Scope-OrgID': tenant }), ...cacheHeader(sent) } }
      : bodyOf(sent)),
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

function bodyOf(sent: TransportRequest): Pick<BackendSrvRequest, 'data' | 'headers'> {
  return sent.json
    ? { data: sent.json, headers: { 'Content-Type': 'application/json' } }
    : {
        data: new URLSearchParams(paramsOf(sent)).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...cacheHeader(sent) },
      };
}

function paramsOf({ params, moreParams = [] }: TransportRequest): string[][] {
  const more = moreParams.filter(([name]) => params[name] === undefined);
  return [...more.map((pair) => [...pair]), ...Object.entries(params)];
}

/** Grafana writes a list as a parameter that repeats. */
function groupedParams(sent: TransportRequest): Record<string, string | string[]> {
  const grouped = new Map<string, string[]>();
  for (const [name = '', value = ''] of paramsOf(sent)) {
    grouped.set(name, [...(grouped.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...grouped].map(([name, [first = '', ...rest]]) => [name, rest.length > 0 ? [first, ...rest] : first])
  );
}

/** Loki wants this one word; Mimir and Cortex look for the other one. */
function cacheHeader({ fresh, path }: TransportRequest): Record<string, string> {
  return fresh ? { 'Cache-Control': path.startsWith('loki/') ? 'no-cache' : 'no-cache, no-store' } : {};
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
    return new UpstreamError('malformed', 'the answer claims to be JSON, but it is cut off or is something else');
  }
  const status = fetchError.status || undefined;
  const text = messageOfBody(fetchError.data) || fetchError.statusText || fetchError.message || '';
  const { kind, limit } = classify(status, text);
  return new UpstreamError(kind, describe(status, text), status, { limit, tookMs });
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

function describe(status: number | undefined, text: string): string {
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  if (status === undefined) {
    return shown ? `no response: ${shown}` : 'the connection was dropped without a response';
  }
  return shown ? `HTTP ${status}: ${shown}` : `HTTP ${status} without a message`;
}
