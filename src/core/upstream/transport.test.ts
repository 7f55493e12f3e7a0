import { errorOfFetch } from './transport';

const fetchError = (status: number, data: unknown, statusText = '') => ({
  status,
  statusText,
  data,
  config: { url: '' },
});

it.each([
  [
    'series-limit',
    500,
    fetchError(
      400,
      'maximum number of series (500) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()\n'
    ),
  ],
  ['series-limit', 500, fetchError(400, { message: 'maximum of series (500) reached for a single query' })],
  [
    'entries-limit',
    5000,
    fetchError(400, 'max entries limit per query exceeded, limit > max_entries_limit_per_query (6000 > 5000)\n'),
  ],
  [
    'length-limit',
    2_595_600_000,
    fetchError(400, 'the query time range exceeds the limit (query length: 1440h0m0s, limit: 721h0m0s)'),
  ],
  ['size-limit', undefined, fetchError(400, 'the query would read too many bytes (query: 1TB, limit: 1GB)')],
  ['bad-request', undefined, fetchError(400, 'parse error at line 1, col 3: syntax error: unexpected IDENTIFIER')],
  [
    'bad-request',
    undefined,
    fetchError(400, { status: 'error', errorType: 'bad_data', error: 'invalid parameter "query"' }),
  ],
  ['authentication', undefined, fetchError(400, { message: 'Authentication to data source failed' }, 'Bad Request')],
  ['authentication', undefined, fetchError(401, 'no org id')],
  ['permission', undefined, fetchError(403, { message: 'Access denied' })],
  ['not-found', undefined, fetchError(404, '404 page not found')],
  ['rate', undefined, fetchError(429, 'too many outstanding requests')],
  ['rate', undefined, fetchError(429, '')],
  ['timeout', undefined, fetchError(499, '')],
  ['timeout', undefined, fetchError(504, '', 'Gateway Timeout')],
  ['timeout', undefined, fetchError(500, 'context deadline exceeded')],
  [
    'timeout',
    undefined,
    fetchError(503, { status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' }),
  ],
  ['unavailable', undefined, fetchError(502, '', 'Bad Gateway')],
  ['unavailable', undefined, fetchError(502, '<html><head><title>502</title></head></html>', 'Bad Gateway')],
  ['unavailable', undefined, fetchError(500, 'too many unhealthy instances in the ring')],
  ['timeout', undefined, new TypeError('Failed to fetch')],
  ['timeout', undefined, { status: 0, statusText: '', data: undefined }],
  ['malformed', undefined, new SyntaxError('Unexpected end of JSON input')],
  ['cancelled', undefined, { type: 'cancelled', cancelled: true, status: -1, statusText: 'Request was aborted' }],
])('classifies as %s (limit %p)', (kind, limit, error) => {
  expect(errorOfFetch(error)).toMatchObject({ kind, limit });
});

it('shows no page of HTML, also where Grafana has made a message of it', () => {
  const page = '<html>\r\n<head><title>502 Bad Gateway</title></head></html>';
  expect(
    errorOfFetch(fetchError(502, { message: page, error: 'Bad Gateway', response: page }, 'Bad Gateway'))
  ).toMatchObject({
    kind: 'unavailable',
    message: 'HTTP 502: Bad Gateway',
  });
});

it('says what happened in words, without a page of HTML and not at any length', () => {
  expect(errorOfFetch(fetchError(502, '<html>x</html>', 'Bad Gateway')).message).toBe('HTTP 502: Bad Gateway');
  expect(errorOfFetch(fetchError(504, '')).message).toBe('HTTP 504 without a message');
  expect(errorOfFetch(new TypeError('Failed to fetch')).message).toBe('no response: Failed to fetch');
  expect(errorOfFetch(fetchError(400, 'x'.repeat(9999))).message.length).toBeLessThan(400);
});

it('takes an answer that is too large for the gRPC of the engine for one that a shorter span cures', () => {
  const body =
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5000000 vs. 4194304)';
  expect(errorOfFetch(fetchError(500, body)).kind).toBe('size-limit');
});
