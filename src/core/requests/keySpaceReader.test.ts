import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { loggedRequest, managerLine } from '../../testing/arbitraries';
import { FakeLoki } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { requestFamily } from '../expr/logql';
import { LokiClient } from '../upstream/loki';
import { evenPattern, readByKeySpace } from './keySpaceReader';

const base = 1_790_000_000_000;
const span = { start: base, end: base + 1 };
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

it('is exact for lines of one instant, however few series a query may have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(loggedRequest, { maxLength: 25 }),
      fc.integer({ min: 3, max: 10 }),
      async (requests, maxSeries) => {
        const lines = requests.map((request) => managerLine(request, 'seconds'));
        const entries = lines.map((line) => ({ line, labels: {}, time: BigInt(base) * 1_000_000n }));
        const client = new LokiClient(new FakeLoki(entries, { maxSeries }).transport, 'loki', noRetries);
        const groups = await lastValueFrom(readByKeySpace(client, requestFamily('{a="b"}', lineOptions), span)).catch(
          (error: unknown) => error
        );
        if (groups instanceof Error) {
          expect(groups).toMatchObject({ kind: 'series-limit' });
          return;
        }
        const counts = new Map<string, number>();
        lines.forEach((line) => counts.set(line, (counts.get(line) ?? 0) + 1));
        const read = groups as Array<{ text: string; count: number }>;
        expect(read.map(({ count }) => count).sort()).toEqual([...counts.values()].sort());
        expect(new Set(read.map(({ text }) => text)).size).toBe(counts.size);
      }
    ),
    { numRuns: 10 }
  );
});

const time = BigInt(base) * 1_000_000n;
const entryOf = (user: string, labels: Readonly<Record<string, string>> = {}) => ({
  time,
  labels,
  line: managerLine({ type: 'sync', service: 'a', user }, 'seconds'),
});
const readWithOneSeries = (list: Array<ReturnType<typeof entryOf>>) => {
  const client = new LokiClient(new FakeLoki(list, { maxSeries: 1 }).transport, 'l', noRetries);
  return lastValueFrom(readByKeySpace(client, requestFamily('{a="b"}', lineOptions), span));
};
const usersWith = (digits: string) => [...digits].map((digit) => entryOf(`aaaa${digit}bbbbbbbbbbb@egi.eu`));

it('tells users apart that differ in one digit', async () => {
  expect(await readWithOneSeries(usersWith('0123456789'))).toHaveLength(10);
});

it('tells any two hexadecimal digits apart', async () => {
  // `2` and `a` (and `3` and `b`, …) are on the same side of all four tests.
  expect(await readWithOneSeries(usersWith('2a'))).toHaveLength(2);
});

it('tells lines apart that differ in a label only', async () => {
  const labelled = (country: string) => entryOf('u', { geoip_country_code: country });
  expect(await readWithOneSeries([entryOf('u'), labelled('ES'), labelled('FR')])).toHaveLength(3);
});

it('leaves no trace of tests that divide nothing in the query', async () => {
  const loki = new FakeLoki([entryOf('a'), entryOf('b')], { maxSeries: 1 });
  const client = new LokiClient(loki.transport, 'l', noRetries);
  expect(await lastValueFrom(readByKeySpace(client, requestFamily('{a="b"}', lineOptions), span))).toHaveLength(2);
  expect(Math.max(...loki.requests.map(({ params }) => (params['query'] ?? '').split('=~').length))).toBe(2);
});

it('tests whether characters occur an even number of times', () => {
  const texts = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(
      texts,
      fc.nat({ max: 6 }),
      fc.constantFrom(1, 2, 3, 5),
      fc.nat({ max: 4 }),
      (text, bit, stride, rest) => {
        const offset = rest % stride;
        const pattern = new RegExp(`^(?:${evenPattern(bit, stride, offset).replace('(?s)', '')})$`, 's');
        const set = [...text]
          .filter((_, index) => index % stride === offset)
          .filter((one) => (one.charCodeAt(0) >> bit) % 2);
        expect(pattern.test(text)).toBe(set.length % 2 === 0);
      }
    )
  );
});
