import { lastValueFrom, of } from 'rxjs';

import { PrometheusClient } from './prometheus';
import { type TransportRequest } from './transport';

const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

const customParameters = [
  ['extra_filters[]', '{a="1"}'],
  ['extra_filters[]', '{b="2"}'],
  ['time', '0'],
] as const;

function answering(body: unknown) {
  const requests: TransportRequest[] = [];
  const settings = { uid: 'uid', method: 'POST' as const, customParameters };
  const client = new PrometheusClient(
    (request) => {
      requests.push(request);
      return of(body);
    },
    settings,
    noRetries
  );
  return { client, requests };
}

const vector = {
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: { pod: 'a' }, value: [1.001, '2.5'] }] },
};

it('asks in seconds, with the parameters of the data source, which never replace its own', async () => {
  const { client, requests } = answering(vector);
  expect(await lastValueFrom(client.instant('q', 1001))).toEqual({
    warnings: [],
    series: [{ labels: { pod: 'a' }, samples: [[1001, 2.5]] }],
  });
  expect(requests[0]?.params).toEqual({ query: 'q', time: '1.001' });
  expect(requests[0]?.moreParams).toEqual(customParameters);
});

it('reads a range', async () => {
  const result = [
    {
      metric: {},
      values: [
        [1.999, '1'],
        [3.999, '2'],
      ],
    },
  ];
  const { client, requests } = answering({ status: 'success', data: { resultType: 'matrix', result } });
  const { series } = await lastValueFrom(client.range('q', 1999, 3999, 2000));
  expect(series[0]?.samples).toEqual([
    [1999, 1],
    [3999, 2],
  ]);
  expect(requests[0]?.params).toMatchObject({ start: '1.999', end: '3.999', step: '2.000' });
});

it('reads samples at their own times', async () => {
  const result = [{ metric: { pod: 'a' }, values: [[1.5, '1']] }];
  const { client, requests } = answering({ status: 'success', data: { resultType: 'matrix', result } });
  const { series } = await lastValueFrom(client.samples('x[1h]', 2000));
  expect(series).toEqual([{ labels: { pod: 'a' }, samples: [[1500, 1]] }]);
  expect(requests[0]).toMatchObject({ path: 'api/v1/query', params: { query: 'x[1h]', time: '2.000' } });
});

it('passes warnings on, which mean that an answer may be partial', async () => {
  const { client } = answering({ ...vector, warnings: ['store x is down'] });
  expect((await lastValueFrom(client.instant('q', 0))).warnings).toEqual(['store x is down']);
});

it.each([
  ['a body that was cut off', JSON.stringify(vector).slice(0, -5)],
  ['an empty body', ''],
  ['null', null],
  ['a page', '<html></html>'],
  ['an error', { status: 'error', errorType: 'bad_data', error: 'x' }],
  ['a scalar', { status: 'success', data: { resultType: 'scalar', result: [0, '1'] } }],
  ['no data', { status: 'success' }],
])('takes %s for an error and not for nothing', async (_, body) => {
  await expect(lastValueFrom(answering(body).client.instant('q', 0))).rejects.toMatchObject({ kind: 'malformed' });
});

it('asks for answers that are not from a cache, where it is told so', async () => {
  const { client, requests } = answering(vector);
  await lastValueFrom(client.fresh().instant('q', 1001));
  expect(requests[0]).toMatchObject({ fresh: true, moreParams: [...customParameters, ['nocache', '1']] });
});
