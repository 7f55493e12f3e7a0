/** What went wrong with a request to an upstream, as far as it decides what to do next. */
export type UpstreamErrorKind =
  /** More series than the engine lets one query have; less time a request helps. */
  | 'series-limit'
  /** More lines were asked for than the engine lets one answer have. */
  | 'entries-limit'
  /** The range is longer than the engine allows. */
  | 'length-limit'
  /** Too many bytes or too much work for one query; less time a request helps. */
  | 'size-limit'
  /** No answer in time, or the connection was dropped; less time a request may help. */
  | 'timeout'
  /** Too many requests; waiting helps. */
  | 'rate'
  /** The engine or the way to it is down; waiting may help. */
  | 'unavailable'
  /** The data source is not there, of another type, or can't be used. */
  | 'configuration'
  | 'authentication'
  | 'permission'
  | 'not-found'
  /** The engine did not understand the query. */
  | 'bad-request'
  /** The answer is not of the engine's documented form. */
  | 'malformed'
  | 'cancelled';

/** An error of an upstream, with words that an operator can act on. */
export class UpstreamError extends Error {
  constructor(
    readonly kind: UpstreamErrorKind,
    message: string,
    /** HTTP status; undefined when there was no response. */
    readonly status?: number,
    /** Milliseconds that the upstream asked to wait, where it said so. */
    readonly retryAfterMs?: number,
    /** The limit that was exceeded, where the message names it: series, lines, or ms. */
    readonly limit?: number,
    /** How long the failure took to come, in ms, where it is known. */
    readonly tookMs?: number
  ) {
    super(message);
    this.name = 'UpstreamError';
  }
}

export function toUpstreamError(error: unknown): UpstreamError {
  return error instanceof UpstreamError
    ? error
    : new UpstreamError('malformed', error instanceof Error ? error.message : String(error));
}
