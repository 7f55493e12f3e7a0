import { lastValueFrom, type Observable, of, throwError } from 'rxjs';

import { UpstreamError, type UpstreamErrorKind } from '../upstream/errors';
import { PrometheusClient } from '../upstream/prometheus';
import { type TransportRequest } from '../upstream/transport';
import { PrometheusWitness } from './prometheusEvidence';

const span = { start: 0, end: 86_400_000 };
const patience = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };
const empty = { status: 'success', data: { headStats: { minTime: 9223372036854775807 }, blocks: [] } };

function ask(answers: Record<string, unknown>, kind: UpstreamErrorKind = 'not-found') {
  const asked: TransportRequest[] = [];
  const transport = (request: TransportRequest): Observable<unknown> => {
    asked.push(request);
    const body = answers[request.path];
    return body === undefined ? throwError(() => new UpstreamError(kind, 'refused')) : of(body);
  };
  const client = new PrometheusClient(transport, { uid: 'p', method: 'POST', customParameters: [] }, patience);
  let now = 0;
  const witness = new PrometheusWitness(() => now);
  const once = (readAgain = false) => lastValueFrom(witness.ask(client, span, readAgain));
  return { asked, once, wait: (ms: number) => (now += ms) };
}

const vector = (...values: string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [86_399.999, value] })) },
});

it('reads the retention, the oldest sample of blocks and head, and what was dropped', async () => {
  const { asked, once } = ask({
    'api/v1/status/runtimeinfo': { status: 'success', data: { storageRetention: '15d or 10GiB' } },
    'api/v1/status/tsdb/blocks': { status: 'success', data: { blocks: [{ minTime: 500 }, { minTime: 100 }] } },
    'api/v1/status/tsdb': { status: 'success', data: { headStats: { minTime: 900 } } },
    'api/v1/query': vector('2.3'),
  });
  expect(await once()).toEqual({ retentionMs: 15 * 86_400_000, oldestSample: 100, duplicates: 3 });
  expect(asked).toHaveLength(4);
});

const whole = {
  'api/v1/status/runtimeinfo': { status: 'success', data: { storageRetention: '15d' } },
  'api/v1/status/tsdb/blocks': { status: 'success', data: { blocks: [{ minTime: 100 }] } },
  'api/v1/status/tsdb': { status: 'success', data: { headStats: { minTime: 900 } } },
  'api/v1/query': vector('0'),
};

it('believes an engine for an hour what it says of its store, and counts what was dropped each time', async () => {
  const { asked, once, wait } = ask(whole);
  await once();
  wait(3_600_000);
  await once();
  expect(asked.slice(4).map(({ path }) => path)).toEqual(['api/v1/query']);
  wait(1);
  await once();
  expect(asked).toHaveLength(9);
  await once(true);
  expect(asked).toHaveLength(13);
});

it.each([
  ['not-found', 3],
  ['permission', 3],
  ['unavailable', 6],
] as const)('asks an engine that answers %s this often in two refreshes: %d', async (kind, times) => {
  const { asked, once, wait } = ask({ 'api/v1/query': vector('0') }, kind);
  await once();
  wait(60_000);
  await once();
  expect(asked.filter(({ path }) => path.includes('/status/'))).toHaveLength(times);
});

it('knows nothing of an engine that does not say', async () => {
  expect(await ask({}).once()).toEqual({ retentionMs: undefined, oldestSample: undefined, duplicates: 0 });
});

it('knows no oldest sample of an empty store, and no age from a size', async () => {
  const { once } = ask({
    'api/v1/status/runtimeinfo': { status: 'success', data: { storageRetention: '10GiB' } },
    'api/v1/status/tsdb/blocks': empty,
    'api/v1/status/tsdb': empty,
    'api/v1/query': vector(),
  });
  expect(await once()).toEqual({ retentionMs: undefined, oldestSample: undefined, duplicates: 0 });
});

it('does not take the head for the whole store', async () => {
  // An engine before 3.6 does not list its blocks.
  const head = { status: 'success', data: { headStats: { minTime: 900 } } };
  expect((await ask({ 'api/v1/status/tsdb': head }).once()).oldestSample).toBeUndefined();
});
