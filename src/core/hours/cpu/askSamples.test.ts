import fc from 'fast-check';
import { lastValueFrom, of, throwError } from 'rxjs';

import { hourMs } from '../../domain/duration';
import { UpstreamError } from '../../upstream/errors';
import { PrometheusClient } from '../../upstream/prometheus';
import { askPodSamples } from './askSamples';
import { allSamples } from './counters/containers';
import { type PodSamples } from './podSamples';
import { podKey } from './podValues';
import { batchesOf, type SampleBatch } from './sampleBatches';

const shape = {
  servicesNamespace: 'n',
  labelling: { exportedCounters: false, withoutId: false, exportedObjects: false },
  windowMs: hourMs,
  lookbackMs: hourMs / 2,
  scrapeMs: 60_000,
};
const run = { first: { start: hourMs, end: 2 * hourMs }, lengthMs: hourMs, count: 2 };
const wanted = (...keys: string[]) => ({
  pods: new Map(keys.map((key) => [key, { shown: [], livedMs: hourMs }])),
  othersMs: Infinity,
});

function valuesOf(samples: PodSamples, key: string, window: number) {
  return allSamples(samples.of(key, window));
}

function matrixOf(series: Array<[Record<string, string>, Array<[number, string]>]>) {
  const result = series.map(([metric, values]) => ({ metric, values }));
  return { status: 'success', data: { resultType: 'matrix', result } };
}

it('asks for every pod in its windows, in queries that are not too large', () => {
  const name = fc.stringMatching(/^[a-z0-9.]{1,60}$/);
  const samples = fc.integer({ min: 1, max: 3000 });
  const pods = fc.uniqueArray(fc.tuple(name, samples), { maxLength: 600, selector: ([one]) => one });
  const window = fc.record({ list: pods, others: fc.constantFrom(0, 4000, Infinity) });
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 4 }), (lists) => {
      const windows = lists.map(({ list, others }) => ({ pods: new Map(list), others }));
      const batches = batchesOf(windows);
      windows.forEach((expected, index) => {
        for (const one of expected.pods.keys()) {
          const isAsked = ({ first, last, pods: own }: SampleBatch) =>
            first <= index && index <= last && (own === 'all' || own.has(one));
          expect(batches.some(isAsked)).toBe(true);
        }
      });
      for (const { first, last, pods: own } of batches) {
        const covered = windows.slice(first, last + 1);
        const asked = covered.map((one) => [...one.pods].filter(([key]) => own === 'all' || own.has(key)));
        const counts = asked.map((list) => list.reduce((sum, [, count]) => sum + count, 0));
        const most = own === 'all' ? counts.reduce((sum, count) => sum + count, 0) : Math.max(...counts);
        expect(first === last || most <= 400_000).toBe(true);
        expect(own === 'all' || [...own].join('|').length <= 13_000).toBe(true);
        expect(asked.every((list, index) => list.length > 0 || (index > 0 && index < asked.length - 1))).toBe(true);
        // Others are asked for where they are few only.
        expect(own !== 'all' || covered.every((one) => one.others <= 20 * one.pods.size)).toBe(true);
      }
    }),
    {
      numRuns: 30,
      examples: [
        [
          [
            { list: [['a', 1]], others: 0 },
            { list: [], others: 4000 },
            { list: [['a', 1]], others: 0 },
          ],
        ],
      ],
    }
  );
});

it('asks for the pods by name where the samples of all are too many', async () => {
  const queries: string[] = [];
  const client = new PrometheusClient(
    ({ params }) => {
      const query = params['query'] ?? '';
      queries.push(query);
      return query.includes('pod=~')
        ? of(matrixOf([[{ namespace: 'n', pod: 'a' }, [[5400, '1']]]]))
        : throwError(() => new UpstreamError('size-limit', 'query processing would load too many samples'));
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  const key = podKey({ labels: { namespace: 'n', pod: 'a' }, samples: [] });
  const window = { ...wanted(key), othersMs: 0 };
  const samples = await lastValueFrom(askPodSamples(client, shape, run, [window, { ...wanted(), othersMs: 0 }]));
  expect(valuesOf(samples, key, 0)).toEqual([[5_400_000, 1]]);
  expect(queries.map((query) => query.includes('pod=~"a"'))).toEqual([false, true]);
});

it('asks for half of the pods where the query is too long', async () => {
  const names = Array.from({ length: 9 }, (_, index) => `pod-${index}`);
  const queries: string[] = [];
  const client = new PrometheusClient(
    ({ params }) => {
      const query = params['query'] ?? '';
      queries.push(query);
      const there = names.filter((one) => query.includes(one));
      return there.length > 3
        ? throwError(() => new UpstreamError('bad-request', 'HTTP 422: too long query'))
        : of(matrixOf(there.map((pod) => [{ namespace: 'n', pod }, [[5400, '1']]])));
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  const keys = names.map((pod) => podKey({ labels: { namespace: 'n', pod }, samples: [] }));
  const samples = await lastValueFrom(askPodSamples(client, shape, { ...run, count: 1 }, [wanted(...keys)]));
  expect(keys.map((key) => valuesOf(samples, key, 0))).toEqual(keys.map(() => [[5_400_000, 1]]));
  // 9, 5, 3, 2, 4, 2, 2 pods.
  expect(queries).toHaveLength(7);
});

it('gives each window its own samples, and leaves out what is no number', async () => {
  const labels = { namespace: 'n', pod: 'a' };
  const asked: Array<Record<string, string>> = [];
  const client = new PrometheusClient(
    ({ params }) => {
      asked.push({ ...params });
      return of(
        matrixOf([
          [
            labels,
            [
              [0, '1'],
              [5399.999, '2'],
              [9000, 'NaN'],
              [10_799.999, '3'],
            ],
          ],
        ])
      );
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  const key = podKey({ labels, samples: [] });
  const samples = await lastValueFrom(askPodSamples(client, shape, run, [wanted(key), wanted(key)]));
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ time: '10799.999' });
  expect(asked[0]?.['query']).toContain('pod=~"a"}[9000000ms]');
  expect(valuesOf(samples, key, 0)).toEqual([[5_399_999, 2]]);
  expect(valuesOf(samples, key, 1)).toEqual([[10_799_999, 3]]);
  expect(samples.of('["n","b"]', 1)).toEqual([]);
});
