import { lastValueFrom, type Observable, of, throwError } from 'rxjs';

import { UpstreamError } from '../upstream/errors';
import { PrometheusClient } from '../upstream/prometheus';
import { type TransportRequest } from '../upstream/transport';
import { askPrometheus } from './prometheusEvidence';

const span = { start: 0, end: 86_400_000 };
const patience = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };
const empty = { status: 'success', data: { headStats: { minTime: 9223372036854775807 }, blocks: [] } };

function ask(answers: Record<string, unknown>) {
  const asked: TransportRequest[] = [];
  const transport = (request: TransportRequest): Observable<unknown> => {
    asked.push(request);
    const body = answers[request.path];
    return body === undefined ? throwError(() => new UpstreamError('not-found', 'HTTP 404', 404)) : of(body);
  };
  const client = new PrometheusClient(transport, { uid: 'p', method: 'POST', customParameters: [] }, patience);
  const once = () => lastValueFrom(askPrometheus(client, span));
  return { asked, once };
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
