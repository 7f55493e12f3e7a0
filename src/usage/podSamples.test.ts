import fc from 'fast-check';
import { lastValueFrom, of } from 'rxjs';

import { PrometheusClient } from '../upstream/prometheus';
import { chunksOf, readPodSamples } from './podSamples';
import { podKey } from './podValues';

const hourMs = 3_600_000;

it('names every pod for its windows, in queries that are not too large', () => {
  const name = fc.stringMatching(/^[a-z0-9.]{1,60}$/);
  const windows = fc.array(fc.uniqueArray(name, { maxLength: 600 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(windows, fc.integer({ min: 1, max: 500 }), (lists, most) => {
      const chunks = chunksOf(
        lists.map((names) => new Set(names)),
        (count) => most / count
      );
      lists.forEach((names, window) => {
        for (const one of names) {
          expect(chunks.some(({ first, last, pods }) => first <= window && window <= last && pods.has(one))).toBe(true);
        }
      });
      for (const { first, last, pods } of chunks) {
        expect(pods.size === 1 || pods.size <= Math.min(350, most / (last - first + 1))).toBe(true);
        expect([...pods].join('|').length).toBeLessThanOrEqual(13_000);
        expect([first, last].every((window) => (lists[window] ?? []).some((one) => pods.has(one)))).toBe(true);
      }
    }),
    { numRuns: 30 }
  );
});

it('gives each window its own samples, and leaves out what is no number', async () => {
  const labels = { namespace: 'n', pod: 'a' };
  const asked: Array<Record<string, string>> = [];
  const client = new PrometheusClient(
    ({ params }) => {
      asked.push({ ...params });
      const values = [
        [0, '1'],
        [5399.999, '2'],
        [9000, 'NaN'],
        [10_799.999, '3'],
      ];
      return of({ status: 'success', data: { resultType: 'matrix', result: [{ metric: labels, values }] } });
    },
    { uid: 'p', method: 'POST', customParameters: {} }
  );
  const shape = { servicesNamespace: 'n', windowMs: hourMs, lookbackMs: hourMs / 2, scrapeMs: 60_000 };
  const run = { first: { start: hourMs, end: 2 * hourMs }, lengthMs: hourMs, count: 2 };
  const key = podKey({ labels, samples: [] });
  const samples = await lastValueFrom(readPodSamples(client, shape, run, [new Map([[key, []]]), new Map([[key, []]])]));
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ time: '10799.999' });
  expect(asked[0]?.['query']).toContain('pod=~"a"}[9000000ms]');
  expect(samples.of(key, 0)).toEqual([[[5_399_999, 2]]]);
  expect(samples.of(key, 1)).toEqual([[[10_799_999, 3]]]);
  expect(samples.of('["n","b"]', 1)).toEqual([]);
});
