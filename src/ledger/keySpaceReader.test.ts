import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { requestFamily } from '../expr/logql';
import { loggedRequest, managerLine } from '../testing/arbitraries';
import { FakeLoki } from '../testing/fakeLoki';
import { LokiClient } from '../upstream/loki';
import { readByKeySpace } from './keySpaceReader';

const base = 1_790_000_000_000;
const span = { start: base, end: base + 1 };
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

it('is exact for lines of one instant, however few series a query may have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(loggedRequest, { maxLength: 40 }),
      fc.integer({ min: 1, max: 10 }),
      async (requests, maxSeries) => {
        const lines = requests.map((request) => managerLine(request, 'seconds'));
        const entries = lines.map((line) => ({ line, labels: {}, time: BigInt(base) * 1_000_000n }));
        const client = new LokiClient(new FakeLoki(entries, { maxSeries }).transport, 'loki', noRetries);
        const groups = await lastValueFrom(readByKeySpace(client, requestFamily('{a="b"}'), span)).catch(
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
    { numRuns: 50 }
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
  return lastValueFrom(readByKeySpace(client, requestFamily('{a="b"}'), span));
};
const usersWith = (digits: string) => [...digits].map((digit) => entryOf(`aaaa${digit}bbbbbbbbbbb@egi.eu`));

it('tells users apart that differ in one digit', async () => {
  expect(await readWithOneSeries(usersWith('0123456789'))).toHaveLength(10);
});

it('tells any two hexadecimal digits apart', async () => {
  // `2` and `a` (and `3` and `b`, …) are on the same side of all four tests.
  expect(await readWithOneSeries(usersWith('2a'))).toHaveLength(2);
});

it('gives up, and loses nothing, where only labels differ', async () => {
  const reading = readWithOneSeries([entryOf('u'), entryOf('u', { country: 'ES' })]);
  await expect(reading).rejects.toMatchObject({ kind: 'series-limit' });
});
