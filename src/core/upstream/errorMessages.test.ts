import fc from 'fast-check';

import { dayMs, hourMs } from '../domain/duration';
import { classify } from './errorMessages';
import { type UpstreamErrorKind } from './errors';

type Case = readonly [kind: UpstreamErrorKind, limit: number | undefined, status: number, text: string];

const loki: readonly Case[] = [
  [
    'series-limit',
    500,
    400,
    'maximum number of series (500) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()',
  ],
  ['series-limit', 20, 400, 'maximum of series (20) reached for a single query'],
  ['size-limit', undefined, 400, 'cardinality limit exceeded for {}; 100001 entries, more than limit of 100000'],
  [
    'entries-limit',
    5000,
    400,
    'max entries limit per query exceeded, limit > max_entries_limit_per_query (6000 > 5000)',
  ],
  [
    'size-limit',
    undefined,
    400,
    'the query would read too many bytes (query: 12 GB, limit: 1.0 GB); consider adding more specific stream selectors or reduce the time range of the query',
  ],
  [
    'size-limit',
    undefined,
    400,
    'query too large to execute on a single querier: (query: 12 GB, limit: 1.0 GB); consider adding more specific stream selectors, reduce the time range of the query, or adjust parallelization settings',
  ],
  [
    'size-limit',
    undefined,
    400,
    'un-shardable query too large to execute on a single querier: (query: 12 GB, limit: 1.0 GB); consider adding more specific stream selectors or reduce the time range of the query',
  ],
  ['size-limit', undefined, 400, 'the query hit the max number of chunks limit (limit: 2000000 chunks)'],
  [
    'size-limit',
    undefined,
    400,
    'the query hit the max number of chunks limit (limit: 10 chunks, matched: 12 chunks); consider adding more specific stream selectors or reducing the query time range',
  ],
  ['size-limit', undefined, 400, 'limit reached while evaluating the query'],
  [
    'length-limit',
    721 * hourMs,
    400,
    'the query time range exceeds the limit (query length: 1440h0m0s, limit: 721h0m0s)',
  ],
  [
    'length-limit',
    30 * dayMs + hourMs,
    400,
    'the query time range exceeds the limit (query length: 1440h0m0s, limit: 30d1h)',
  ],
  ['length-limit', 20 * dayMs, 400, '[interval] value exceeds limit: [25d] > [20d]'],
  ['length-limit', undefined, 400, '[interval] value exceeds limit'],
  ['too-old', 10 * dayMs, 400, 'this data is no longer available, it is past now - max_query_lookback (10d)'],
  ['too-old', undefined, 400, 'invalid query, through < from'],
  ['bad-request', undefined, 400, 'max streams matchers per query exceeded, matchers-count > limit (1000 > 500)'],
  [
    'bad-request',
    undefined,
    400,
    'stream selector is missing required matchers [cluster], labels present in the query were [app]',
  ],
  ['bad-request', undefined, 400, 'query blocked by policy'],
  ['rate', undefined, 429, 'too many outstanding requests'],
  ['rate', undefined, 500, 'too many outstanding requests'],
  ['timeout', undefined, 504, 'request timed out, decrease the duration of the request or add more label matchers'],
  ['timeout', undefined, 500, 'context deadline exceeded'],
  ['timeout', undefined, 499, 'the request was cancelled by the client'],
];

const mimir: readonly Case[] = [
  [
    'series-limit',
    100,
    422,
    'the query exceeded the maximum number of series (limit: 100 series) (err-mimir-max-series-per-query). Consider reducing the time range and/or number of series selected by the query.',
  ],
  ['series-limit', undefined, 422, 'expanding series: (err-mimir-max-series-per-query)'],
  [
    'size-limit',
    undefined,
    422,
    'the query exceeded the maximum number of chunks (limit: 2 chunks) (err-mimir-max-chunks-per-query).',
  ],
  [
    'size-limit',
    undefined,
    422,
    'the query exceeded the aggregated chunks size limit (limit: 100 bytes) (err-mimir-max-chunks-bytes-per-query).',
  ],
  ['size-limit', undefined, 422, '(err-mimir-max-estimated-fetched-chunk-bytes-per-query)'],
  ['size-limit', undefined, 422, '(err-mimir-max-estimated-chunks-per-query)'],
  [
    'size-limit',
    undefined,
    422,
    'the query exceeded the maximum allowed estimated amount of memory consumed by a single query (limit: 9 bytes) (err-mimir-max-estimated-memory-consumption-per-query)',
  ],
  [
    'length-limit',
    60_000,
    422,
    'the query time range exceeds the limit (query length: 1h0m0s, limit: 1m0s) (err-mimir-max-query-length). To adjust the related per-tenant limit, configure -querier.max-partial-query-length, or contact your service administrator.',
  ],
  [
    'length-limit',
    60_000,
    400,
    'the total query time range exceeds the limit (query length: 1h0m0s, limit: 1m0s) (err-mimir-max-total-query-length).',
  ],
  ['length-limit', undefined, 422, '(err-mimir-max-total-query-length)'],
  [
    'bad-request',
    undefined,
    400,
    'the raw query size in bytes exceeds the limit (query size: 10, limit: 20) (err-mimir-max-query-expression-size-bytes).',
  ],
  [
    'rate',
    undefined,
    500,
    'the request has been rejected because the tenant exceeded the request rate limit, set to 10 requests/s across all distributors (err-mimir-tenant-max-request-rate).',
  ],
  ['unavailable', undefined, 500, 'failed to fetch some blocks (err-mimir-store-consistency-check-failed)'],
];

const others: readonly Case[] = [
  ['size-limit', undefined, 422, 'query processing would load too many samples into memory in query execution'],
  [
    'size-limit',
    undefined,
    400,
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  ],
  ['timeout', undefined, 503, 'query timed out in expression evaluation'],
  ['timeout', undefined, 422, 'expanding series: context deadline exceeded'],
  [
    'series-limit',
    1000,
    422,
    'exceeded series limit: rpc error: code = ResourceExhausted desc = exceeded series limit: limit 1000 violated (got 1001)',
  ],
  ['size-limit', undefined, 422, 'exceeded samples limit: limit 1000 violated (got 1001)'],
  [
    'series-limit',
    300_000,
    422,
    'the number of matching timeseries exceeds 300000; either narrow down the search or increase -search.max* command-line flag values (the most likely limit is -search.maxUniqueTimeseries)',
  ],
  [
    'size-limit',
    undefined,
    422,
    'cannot select more than -search.maxSamplesPerQuery=1000000000 samples; possible solutions: to increase the -search.maxSamplesPerQuery',
  ],
  [
    'rate',
    undefined,
    503,
    "couldn't start executing the request in 10.000 seconds, since -search.maxConcurrentRequests=8 concurrent requests are executed. Possible solutions: to reduce query load",
  ],
  ['timeout', undefined, 503, 'timeout exceeded during query execution'],
  [
    'size-limit',
    undefined,
    500,
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)',
  ],
];

const quotations: readonly Case[] = [
  [
    'bad-request',
    undefined,
    400,
    'parse error at line 1, col 23: syntax error: unexpected IDENTIFIER timeout, expecting }',
  ],
  ['bad-request', undefined, 400, 'parse error : stage "| too many samples" is not known'],
  ['bad-request', undefined, 400, '{app="timeout"} is not allowed here'],
  [
    'bad-request',
    undefined,
    422,
    'error when executing query="sum(http_timeout{a=\\"deadline exceeded\\"" for (time=1): cannot parse it',
  ],
  [
    'bad-request',
    undefined,
    422,
    'error when executing query="sum(x{a=\\"rate limit\\"})" for (time=1): unknown function',
  ],
  ['bad-request', undefined, 400, 'invalid parameter "query": 1:5: parse error: unexpected identifier "timeout"'],
  ['bad-request', undefined, 400, 'no matcher for request_timeout_seconds'],
  ['series-limit', 500, 400, 'maximum of series (500) reached for a single query {app="timeout"}'],
];

it.each([...loki, ...mimir, ...others, ...quotations])('%s (limit %p): HTTP %i, %s', (kind, limit, status, text) => {
  expect(classify(status, text)).toEqual({ kind, ...(limit && { limit }) });
});

it('lets nothing that is quoted decide', () => {
  const words = fc.constantFrom(
    ...[...loki, ...mimir, ...others].map(([, , , text]) => text.replace(/["\\`{}]/g, ' '))
  );
  fc.assert(
    fc.property(words, fc.constantFrom(['"', '"'], ['`', '`'], ['{', '}']), (text, [open, close]) => {
      expect(classify(400, `cannot use ${open}${text}${close} here`).kind).toBe('bad-request');
    })
  );
});

it('reads the look-back of an old Loki from where it says that the range begins', () => {
  const from = new Date(Date.now() - 10 * dayMs).toISOString().replace('T', ' ').replace('Z', '123 +0000 UTC');
  const { kind, limit = 0 } = classify(400, `invalid query, through < from (2016-10-01 00:00:00 +0000 UTC < ${from})`);
  expect(kind).toBe('too-old');
  expect(Math.abs(limit - 10 * dayMs)).toBeLessThan(hourMs);
});
