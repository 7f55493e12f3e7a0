import { type Observable } from 'rxjs';

import { classify } from './errorMessages';
import { UpstreamError } from './errors';

/** One request to an upstream, relative to the root of its HTTP API. */
export interface TransportRequest {
  /** Names the upstream (`Connections`). */
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
  /** Whoever asks compares the answer with a count of its own, by which it shows that it is the answer to this query (`proof.ts`). */
  provenByCount?: true;
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

/** How a request may fail, by `fetch` or by Grafana's. */
interface Failure {
  /** Absent where there was no response. */
  status?: number;
  statusText?: string;
  /** The body of the response. */
  data?: unknown;
  message?: string;
  cancelled?: boolean;
  type?: string;
  name?: string;
}

/**
 * Reads what a failed request left: a status with the upstream's body, a cancellation, a failed connection, or a body that
 * should be JSON and is not. `tookMs` is how long the failure took.
 */
export function errorOfFetch(error: unknown, tookMs?: number): UpstreamError {
  if (error instanceof UpstreamError) {
    return error;
  }
  const failure = (error ?? {}) as Failure;
  if (failure.cancelled || failure.type === 'cancelled') {
    return new UpstreamError('cancelled', 'the request was cancelled');
  }
  if (failure.status === undefined && failure.name === 'SyntaxError') {
    return new UpstreamError('malformed', 'the answer claims to be JSON, but it is cut off or is something else');
  }
  const status = failure.status || undefined;
  const text = messageOfBody(failure.data) || failure.statusText || failure.message || '';
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
