import { durationMs } from './durations';
import { type UpstreamErrorKind } from './errors';

export interface Classified {
  kind: UpstreamErrorKind;
  /** The limit that the message names: series, lines, or ms. */
  limit?: number;
}

/** How the limit of a message is read from the first group of its pattern. */
type LimitOf = (text: string) => number | undefined;

const asNumber: LimitOf = Number;
const asDuration: LimitOf = durationMs;

/** How long ago a time is that Go wrote (`2026-10-20 00:00:00.5 +0000 UTC`), in ms. */
const asAge: LimitOf = (text) => {
  const [, day = '', time = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d* \+0000/.exec(text) ?? [];
  const age = Date.now() - Date.parse(`${day}T${time}Z`);
  return age > 0 ? age : undefined;
};

/** Words that only a query that is not understood gets; it may quote anything. */
const notUnderstood: readonly RegExp[] = [
  // Loki, Prometheus, Mimir, Thanos
  /\bparse error\b/i,
  /\bfailed to parse\b/i,
  /\bsyntax error\b/i,
  /\binvalid parameter\b/i,
  // VictoriaMetrics
  /\bcannot parse\b/i,
  /\bunsupported (?:function|operation)\b/i,
];

/**
 * What engines say of their limits, by engine where only one says so. The first match counts. Sources: Loki 2.9 to 3.7
 * (pkg/util/validation, pkg/logqlmodel, pkg/querier/queryrange, docs "Troubleshoot query errors"), Mimir's error ids
 * (pkg/util/globalerror), Prometheus' and Thanos' engines and stores, VictoriaMetrics' -search.* flags.
 */
const messages: ReadonlyArray<readonly [pattern: RegExp, kind: UpstreamErrorKind, limit?: LimitOf]> = [
  // Loki: max_query_lookback. Older versions say that the end lies before the start.
  [/past now - max_query_lookback(?: \(([^)]*)\))?/i, 'too-old', asDuration],
  [/invalid query, through < from(?: \([^<]*< ([^)]*)\))?/i, 'too-old', asAge],
  // Loki: max_query_series, Mimir: max-fetched-series-per-query
  [/maximum (?:number )?of series \(?(?:limit: )?(\d+)?/i, 'series-limit', asNumber],
  [/err-mimir-max-series-per-query/i, 'series-limit'],
  // VictoriaMetrics: -search.maxUniqueTimeseries
  [/number of (?:matching |unique )*timeseries exceeds (\d+)/i, 'series-limit', asNumber],
  // Thanos: --store.limits.request-series
  [/exceeded series limit(?:.*limit (\d+) violated)?/i, 'series-limit', asNumber],
  // Loki: max_entries_limit_per_query
  [/max entries limit per query exceeded(?:.*> (\d+)\))?/i, 'entries-limit', asNumber],
  // Loki: max_query_length. Mimir: max-partial-query-length, max-total-query-length.
  [/query time range exceeds the limit(?: \(query length: [^,]*, limit: ([^)]*))?/i, 'length-limit', asDuration],
  [/exceeds the limit \(query length/i, 'length-limit'],
  [/err-mimir-max-(?:total-)?query-length/i, 'length-limit'],
  // Loki: max_query_range
  [/\[interval\] value exceeds limit(?:: \[[^\]]*\] > \[([^\]]*)\])?/i, 'length-limit', asDuration],
  // Loki: max_query_bytes_read, max_querier_bytes_read
  [/would read too many bytes|query too large to execute on a single querier/i, 'size-limit'],
  // Loki: max_chunks_per_query, cardinality_limit, and others while it computes
  [/max number of chunks limit|cardinality limit exceeded|limit reached while evaluating the query/i, 'size-limit'],
  // Mimir: chunks, bytes and memory of one query
  [/err-mimir-max-(?:estimated-)?(?:fetched-)?(?:chunks?|memory)[a-z-]*-per-query/i, 'size-limit'],
  // Thanos: --store.limits.request-samples, chunks and bytes of a store
  [/exceeded (?:samples|chunks|bytes|chunk size|postings) limit|limit \d+ violated/i, 'size-limit'],
  // Prometheus: --query.max-samples, 11 000 points a series
  [/too many (?:samples|chunks|points)|exceeded maximum resolution/i, 'size-limit'],
  // VictoriaMetrics: -search.maxSamplesPerQuery, -search.maxMemoryPerQuery
  [/cannot select more than|not enough memory for processing/i, 'size-limit'],
  // gRPC between the parts of an engine
  [/query is too large|message larger than max/i, 'size-limit'],
  // Mimir: the text of the query itself, which no shorter range makes shorter
  [/err-mimir-max-query-expression-size-bytes|err-mimir-query-blocked|query blocked by policy/i, 'bad-request'],
  [/max streams matchers per query exceeded|missing required matchers|less label matchers/i, 'bad-request'],
  // Loki and Mimir: queue and request rate. VictoriaMetrics: -search.maxConcurrentRequests.
  [/too many outstanding requests|rate limit|err-mimir-tenant-max-request-rate/i, 'rate'],
  [/concurrent requests are executed|too many concurrent/i, 'rate'],
  // Mimir and Cortex while blocks move
  [/err-mimir-(?:store-consistency-check-failed|bucket-index-too-old)/i, 'unavailable'],
];

const outOfTime = /\btime-?out\b|\btimed out\b|deadline exceeded|context canceled|query duration exceeded/i;

/** Statuses by which an engine says that the query is to blame. An engine that computed for too long answers another one. */
const blamesQuery: ReadonlySet<number> = new Set([400, 405, 411, 415]);

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

/**
 * The kind of a failure, by its HTTP status (undefined: no response) and the text of the upstream. What the text quotes
 * of the query decides nothing: a selector may hold any word.
 */
export function classify(status: number | undefined, text: string): Classified {
  // Grafana's own words for an upstream that answered 401.
  if (status === 400 && /authentication to data source failed/i.test(text)) {
    return { kind: 'authentication' };
  }
  if (status === 429) {
    return { kind: 'rate' };
  }
  const said = withoutQuotations(text);
  if ((status === 400 || status === 422) && notUnderstood.some((pattern) => pattern.test(said))) {
    return { kind: 'bad-request' };
  }
  return classifyText(said) ?? { kind: kindOfRest(status, said) };
}

function classifyText(said: string): Classified | undefined {
  for (const [pattern, kind, limitOf] of messages) {
    const match = pattern.exec(said);
    if (match) {
      const limit = match[1] ? limitOf?.(match[1]) : undefined;
      return { kind, ...(limit && { limit }) };
    }
  }
  return undefined;
}

function kindOfRest(status: number | undefined, said: string): UpstreamErrorKind {
  if (status === undefined) {
    return 'timeout';
  }
  if (!blamesQuery.has(status) && outOfTime.test(said)) {
    return 'timeout';
  }
  return kindByStatus[status] ?? (status >= 500 ? 'unavailable' : 'bad-request');
}

/** Leaves out texts in quotation marks and stream selectors. A quotation that does not end is no quotation: it is looked at once. */
function withoutQuotations(text: string): string {
  return text
    .replace(/\\?"(?:[^"\\]|\\[^])*("?)|`[^`]*`/g, (whole, end?: string) => (end === '' ? whole : '""'))
    .replace(/(^|[\s(=:])'(?:[^'\\]|\\[^])*('?)/g, (whole, before: string, end: string) =>
      end ? `${before}''` : whole
    )
    .replace(/\{[^{}]*\}/g, '{}');
}
