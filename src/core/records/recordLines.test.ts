import fc from 'fast-check';
import { lastValueFrom, of } from 'rxjs';

import { dayMs } from '../domain/duration';
import { LokiClient } from '../upstream/loki';
import { once } from '../upstream/retry';
import { type Transport } from '../upstream/transport';
import { readRecordLines } from './recordLines';

const day = '2026-10-25';
const dayEnd = Date.parse('2026-10-26T00:00:00Z');
const now = dayEnd + 20 * dayMs;

interface Entry {
  ns: string;
  text: string;
  family: string;
}

/** A Loki with these entries, which leaves the last `lacks` of each answer with lines out. */
function lokiOf(entries: readonly Entry[], lacks = 0): { client: LokiClient; queries: string[] } {
  const queries: string[] = [];
  const transport: Transport = ({ params }) => {
    const { query = '', start = '', end = '', limit } = params;
    queries.push(query);
    const window = /\[(\d+)ms\] offset 1ms/.exec(query)?.[1];
    // (end - window - 1 ms, end - 1 ms] of a count, [start, end) of lines.
    const [from, to] = window
      ? [BigInt(end) - (BigInt(window) + 1n) * 1_000_000n + 1n, BigInt(end) - 1_000_000n + 1n]
      : [BigInt(start), BigInt(end)];
    const inside = entries.filter(({ ns }) => BigInt(ns) >= from && BigInt(ns) < to);
    if (window) {
      const values = [[Number(end) / 1e9, String(inside.length)]];
      return of({
        status: 'success',
        data: { resultType: 'matrix', result: inside.length > 0 ? [{ metric: {}, values }] : [] },
      });
    }
    const sorted = [...inside].sort((a, b) => (BigInt(a.ns) < BigInt(b.ns) ? -1 : 1)).slice(0, Number(limit));
    const kept = sorted.slice(0, Math.max(0, sorted.length - lacks));
    const families = [...new Set(kept.map(({ family }) => family))];
    const result = families.map((family) => ({
      stream: { family },
      values: kept.filter((one) => one.family === family).map(({ ns, text }) => [ns, text]),
    }));
    return of({ status: 'success', data: { resultType: 'streams', result } });
  };
  return { client: new LokiClient(transport, 'loki', { ...once, retries: 0 }), queries };
}

const question = { selector: '{job="records"}', days: [day], families: ['requests', 'cpu'] as const, now };

const entries: fc.Arbitrary<Entry[]> = fc.array(
  fc.record({
    // Some at one and the same time, and more of them than a page has.
    ns: fc
      .oneof(fc.integer({ min: 0, max: 20 * dayMs - 1 }), fc.constantFrom(5, 6, 7 * dayMs - 1, 7 * dayMs))
      .chain((ms) =>
        fc.constantFrom(0, 1, 999_999).map((rest) => String(BigInt(dayEnd + ms) * 1_000_000n + BigInt(rest)))
      ),
    text: fc.constantFrom('a', 'b', 'c'),
    family: fc.constantFrom('requests', 'cpu'),
  }),
  { maxLength: 80 }
);

it('reads all lines from the end of the day on, however many there are at one time', async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (list) => {
      // The last nanoseconds belong to the millisecond that has not come yet.
      const readable = list.filter(({ ns }) => BigInt(ns) <= BigInt(now - 1) * 1_000_000n);
      const lines = await lastValueFrom(readRecordLines(lokiOf(readable).client, question));
      expect([...lines].sort()).toEqual(readable.map(({ text }) => text).sort());
    })
  );
});

it('asks for the families and days in windows that every Loki allows', async () => {
  const { client, queries } = lokiOf([]);
  expect(await lastValueFrom(readRecordLines(client, question))).toEqual([]);
  expect(queries).toHaveLength(3);
  for (const query of queries) {
    expect(query).toContain('{job="records"} |= "\\"oscarUsageRecord\\":"');
    expect(query).toContain('|~ "\\"family\\":\\"(?:requests|cpu)\\""');
    expect(query).toContain('|~ "\\"day\\":\\"(?:2026-10-25)\\""');
  }
});

it('fails where Loki gives fewer lines than it counts', async () => {
  const ns = String(BigInt(dayEnd) * 1_000_000n);
  const { client } = lokiOf([{ ns, text: 'a', family: 'cpu' }], 1);
  await expect(lastValueFrom(readRecordLines(client, question))).rejects.toThrow(
    'Loki gave 0 of 1 lines of usage records'
  );
});
