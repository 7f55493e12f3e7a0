import { lastValueFrom, of } from 'rxjs';

import { forPurpose, SentQueries } from './sentQueries';
import { type TransportRequest } from './transport';

function open() {
  let now = 1000;
  const sent = new SentQueries(() => now);
  const transport = sent.recorded(() => of({}));
  return {
    sent,
    wait: (ms: number) => (now += ms),
    send: (request: TransportRequest) => lastValueFrom(transport(request)),
    ask: (purpose: string, query: string, time: number, path = 'api/v1/query') =>
      lastValueFrom(
        forPurpose(
          transport,
          purpose
        )({
          uid: 'a',
          method: 'GET',
          path,
          params: { query },
          evaluatedAt: { first: time, last: time, stepMs: 1 },
        })
      ),
  };
}

const span = { start: 0, end: 10_000 };
const read = (purpose: string, remembered = 0) => ({ purpose, remembered });

it('tells how many requests were sent for some purposes, and which queries', async () => {
  const { sent, ask } = open();
  await ask('usage-cpu', 'sum(a)', 5000);
  await ask('usage-cpu', 'sum(b)', 7000);
  await ask('usage-cpu', 'sum(a)', 9000);
  await ask('usage-gpu', 'sum(c)', 5000);
  await ask('request-logs', 'sum(d)', 5000, 'loki/api/v1/query_range');
  expect(
    sent.describe([read('request-logs'), read('usage-cpu'), read('service-inventory')], span, 0).split('\n')
  ).toEqual([
    'sent since 1970-01-01T00:00:00.000Z for the panels of this range: 1 request to Loki, 3 requests to Prometheus',
    '',
    'request-logs: 1 request to Loki, evaluated from 1970-01-01T00:00:05.000Z to 1970-01-01T00:00:05.000Z',
    'sum(d)',
    '',
    'usage-cpu: 3 requests to Prometheus, evaluated from 1970-01-01T00:00:05.000Z to 1970-01-01T00:00:09.000Z',
    'sum(b)',
    'sum(a)',
    '',
    'service-inventory: nothing was sent',
  ]);
});

it('counts what was sent since a time, also of a query that was sent before, and tells what came from memory', async () => {
  const { sent, ask, wait } = open();
  await ask('usage-cpu', 'sum(a)', 5000);
  await ask('usage-cpu', 'sum(b)', 5000);
  wait(1000);
  await ask('usage-cpu', 'sum(a)', 6000);
  const text = sent.describe([read('usage-cpu', 0.9999)], span, 2000);
  expect(text).toContain(': 1 request to Prometheus\n');
  expect(text).toMatch(/\nusage-cpu: 99 % of the range from memory; 1 request to Prometheus,.*\nsum\(a\)$/);
});

it('tells how that was read which came from memory alone, and nothing of other ranges', async () => {
  const { sent, ask, wait } = open();
  await ask('usage-cpu', 'sum(a)', 5000);
  await ask('usage-cpu', 'sum(b)', 99_000_000);
  wait(1000);
  expect(sent.describe([read('usage-cpu', 1)], span, 2000)).toMatch(
    /: nothing\n\nusage-cpu: all of the range from memory; nothing was sent\nread earlier by 1 request to Prometheus,.*\nsum\(a\)$/
  );
  // Without memory, what was sent earlier has nothing to do with the answer.
  expect(sent.describe([read('usage-cpu')], span, 2000)).toMatch(/usage-cpu: nothing was sent$/);
});

it('counts questions without a query, and names their paths', async () => {
  const { sent, send } = open();
  await send({ uid: 'a', method: 'GET', path: 'api/v1/status/tsdb', params: {}, purpose: 'prometheus-store' });
  await send({ uid: 'a', method: 'GET', path: 'loki/api/v1/drilldown-limits', params: {} });
  expect(sent.describe([read('prometheus-store')], span, 0)).toMatch(
    /: 1 request to Prometheus\n\nprometheus-store: 1 request to Prometheus\napi\/v1\/status\/tsdb$/
  );
});

it('counts all, and shows the latest', async () => {
  const { sent, ask } = open();
  for (let index = 0; index < 80; index += 1) {
    await ask('request-logs', `q${index}`, 5000);
  }
  const [, lines = ''] = sent.describe([read('request-logs')], span, 0).split('\n\n');
  expect(lines.split('\n')).toEqual([
    expect.stringMatching(/^request-logs: 80 requests to Prometheus, /),
    ...Array.from({ length: 10 }, (_, index) => `q${70 + index}`),
    '… and 70 more requests of this kind',
  ]);
});
