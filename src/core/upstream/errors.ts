/** What went wrong with a request to an upstream, as far as it decides what to do next. */
export type UpstreamErrorKind =
  /** More series than the engine lets one query have; less time a request helps. */
  | 'series-limit'
  /** More lines were asked for than the engine lets one answer have. */
  | 'entries-limit'
  /** The range is longer than the engine allows. */
  | 'length-limit'
  /** Too many bytes, chunks or samples for one query; less time a request helps. */
  | 'size-limit'
  /** The range lies before what the engine lets anybody ask for (Loki's `max_query_lookback`); later ranges may be asked for. */
  | 'too-old'
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
  /** The engine did not understand the query, or refuses it whatever the range. */
  | 'bad-request'
  /** The answer is not of the engine's documented form. */
  | 'malformed'
  /** The answer is well-formed and holds nothing, not even what every answer to the query must hold. */
  | 'empty'
  | 'cancelled';

/** What a kind of error means for the questions that come next. What is absent does not hold. */
export interface ErrorMeaning {
  /**
   * The same question may succeed when it is sent again; `twice` where the question may be to blame all the same, and
   * `twice-if-quick` where it is to blame unless the failure came at once.
   */
  retry?: 'always' | 'twice' | 'twice-if-quick';
  /**
   * A smaller question may succeed: one about fewer series, lines or bytes (`amount`), which less time has, too; one about a
   * shorter range only (`length`); one about less time, where that was the cause (`perhaps`).
   */
  splitHelps?: 'amount' | 'length' | 'perhaps';
  /** Every other question fails in the same way. */
  sameForAll?: true;
  /** It is not about what was asked: neither about the form of the query nor about the data. */
  saysNothing?: true;
  /** No answer came, or none that can be used: after many in a row, none is to be expected. */
  unanswered?: true;
}

const meanings: Readonly<Record<UpstreamErrorKind, ErrorMeaning>> = {
  'series-limit': { splitHelps: 'amount' },
  'entries-limit': {},
  'length-limit': { splitHelps: 'length' },
  'size-limit': { splitHelps: 'amount' },
  'too-old': { splitHelps: 'perhaps', saysNothing: true },
  timeout: { retry: 'twice-if-quick', splitHelps: 'amount', unanswered: true },
  rate: { retry: 'always', saysNothing: true },
  unavailable: { retry: 'always', sameForAll: true, saysNothing: true },
  configuration: { sameForAll: true },
  authentication: { sameForAll: true },
  permission: { sameForAll: true },
  'not-found': { sameForAll: true },
  'bad-request': { sameForAll: true },
  malformed: { retry: 'always', splitHelps: 'perhaps', unanswered: true },
  empty: { retry: 'twice', splitHelps: 'perhaps', unanswered: true },
  cancelled: { saysNothing: true },
};

export function meaningOf({ kind }: { kind: UpstreamErrorKind }): ErrorMeaning {
  return meanings[kind];
}

/** True where the upstream, or the way to it, does not take this question, and it will not take it later on. */
export function isRefusal(error: { kind: UpstreamErrorKind }): boolean {
  const { sameForAll, saysNothing } = meaningOf(error);
  return sameForAll === true && saysNothing !== true;
}

export interface ErrorDetails {
  /** The limit that was exceeded, where the message names it: series, lines, or ms. */
  limit?: number;
  /** How long the failure took to come, in ms, where it is known. */
  tookMs?: number;
}

/** An error of an upstream, with words that an operator can act on. */
export class UpstreamError extends Error {
  readonly limit?: number;
  readonly tookMs?: number;

  constructor(
    readonly kind: UpstreamErrorKind,
    message: string,
    /** HTTP status; undefined when there was no response. */
    readonly status?: number,
    { limit, tookMs }: ErrorDetails = {}
  ) {
    super(message);
    this.name = 'UpstreamError';
    this.limit = limit;
    this.tookMs = tookMs;
  }
}

export function toUpstreamError(error: unknown): UpstreamError {
  return error instanceof UpstreamError
    ? error
    : new UpstreamError('malformed', error instanceof Error ? error.message : String(error));
}
