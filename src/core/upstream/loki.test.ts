import { lastValueFrom, of, throwError } from 'rxjs';

import { durationMs } from './durations';
import { UpstreamError } from './errors';
import { LokiClient } from './loki';
import { type TransportRequest } from './transport';

const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

function answering(body: unknown) {
  const requests: TransportRequest[] = [];
  const client = new LokiClient(
    (request) => {
      requests.push(request);
      return of(body);
    },
    'uid',
    noRetries
  );
  return { client, requests };
}

const matrix = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'matrix', result } });
const streams = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'streams', result } });

it('asks by GET, in ns, and reads counts in ms', async () => {
  const { client, requests } = answering(matrix({ metric: { call: 'x' }, values: [[1790000000.001, '3']] }));
  expect(await lastValueFrom(client.counts('q', 1_790_000_000_001, 1_790_000_000_001, 1))).toEqual({
    series: [{ labels: { call: 'x' }, samples: [[1_790_000_000_001, 3]] }],
  });
  expect(requests).toEqual([
    {
      uid: 'uid',
      method: 'GET',
      path: 'loki/api/v1/query_range',
      params: { query: 'q', start: '1790000000001000000', end: '1790000000001000000', step: '1ms' },
      evaluatedAt: { first: 1_790_000_000_001, last: 1_790_000_000_001, stepMs: 1 },
    },
  ]);
});

it('asks for the lines of [start, end) in ms, each of which belongs to the millisecond at or after its time', async () => {
  const stream = { country: 'ES' };
  const { client, requests } = answering(
    streams({
      stream,
      values: [
        ['1790000000000999999', 'a'],
        ['1790000000001000000', 'b'],
      ],
    })
  );
  expect(await lastValueFrom(client.lines('q', 1_790_000_000_001, 1_790_000_000_005, 7))).toEqual({
    streams: [
      {
        labels: stream,
        lines: [
          ['1790000000000999999', 'a'],
          ['1790000000001000000', 'b'],
        ],
      },
    ],
  });
  expect(requests).toMatchObject([
    {
      path: 'loki/api/v1/query_range',
      params: {
        query: 'q',
        start: '1790000000000000001',
        end: '1790000000004000001',
        limit: '7',
        direction: 'forward',
      },
      countsLines: true,
    },
  ]);
});

it('refuses evaluation times that Loki would move', () => {
  expect(() => answering(matrix()).client.counts('q', 5, 10, 10)).toThrow(RangeError);
});

const text = JSON.stringify(matrix({ metric: {}, values: [[1, '3']] }));

it.each([
  ['a body that was cut off', text.slice(0, -9)],
  ['an empty body', ''],
  ['no body', undefined],
  ['null', null],
  ['a page of a proxy', '<html><body>Bad gateway</body></html>'],
  ['an error in the shape of Prometheus', { status: 'error', errorType: 'x', error: 'y' }],
  ['another result type', streams()],
  ['no result', { status: 'success', data: { resultType: 'matrix', result: null } }],
  ['a count that is no number', matrix({ metric: {}, values: [[1, 'NaN']] })],
  ['a fraction', matrix({ metric: {}, values: [[1, '1.5']] })],
  ['a negative count', matrix({ metric: {}, values: [[1, '-1']] })],
])('takes %s for an error and not for nothing', async (_, body) => {
  await expect(lastValueFrom(answering(body).client.counts('q', 0, 0, 1))).rejects.toMatchObject({ kind: 'malformed' });
});

it('takes a series without values for an error', async () => {
  const { client } = answering(matrix({ metric: { call: 'x' } }));
  await expect(lastValueFrom(client.counts('q', 0, 0, 1))).rejects.toMatchObject({ kind: 'malformed' });
});

it.each([
  [
    { limits: { max_query_series: 500, max_entries_limit_per_query: 5000, max_query_length: '30d1h' } },
    [500, 2_595_600_000],
  ],
  [{ limits: { max_query_series: 0, max_query_length: '0s' } }, [undefined, undefined]],
  [{ limits: { max_query_length: '721h0m0s' } }, [undefined, 2_595_600_000]],
])('reads limits %j', async (body, expected) => {
  const { maxSeries, maxLengthMs } = await lastValueFrom(answering(body).client.limits());
  expect([maxSeries, maxLengthMs]).toEqual(expected);
});

it('does not take other answers for limits', async () => {
  await expect(lastValueFrom(answering('<html>').client.limits())).rejects.toMatchObject({ kind: 'malformed' });
});

it.each([
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['1w', 604_800_000],
  ['1.5h', 5_400_000],
  [1_000_000, 1],
  ['', undefined],
  ['soon', undefined],
  [null, undefined],
])('%p lasts %p ms', (value, ms) => {
  expect(durationMs(value)).toBe(ms);
});

it('names a tenant for the limits at once, and none where that is refused', async () => {
  const tenants: Array<string | undefined> = [];
  const clientOf = (refusal?: UpstreamError) =>
    new LokiClient(({ tenant }) => {
      tenants.push(tenant);
      return tenant && refusal ? throwError(() => refusal) : of({ limits: { retention_period: '31d' } });
    }, 'loki');
  const limits = { retentionMs: 31 * 86_400_000 };
  expect(await lastValueFrom(clientOf().limits())).toEqual(limits);
  expect(tenants.splice(0)).toEqual(['fake']);
  const unknownTenant = new UpstreamError('authentication', 'Authentication to data source failed', 400);
  expect(await lastValueFrom(clientOf(unknownTenant).limits())).toEqual(limits);
  expect(tenants).toEqual(['fake', undefined]);
  const forbidden = new LokiClient(() => throwError(() => new UpstreamError('permission', 'no', 403)), 'loki');
  await expect(lastValueFrom(forbidden.limits())).rejects.toMatchObject({ kind: 'permission' });
});
