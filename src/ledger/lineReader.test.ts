import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { exposedFamily, requestFamily } from '../expr/logql';
import { belongsTo, managerLine } from '../testing/arbitraries';
import { FakeLoki, type LogEntry } from '../testing/fakeLoki';
import { LokiClient } from '../upstream/loki';
import { type LineGroup } from './cell';
import { readLines } from './lineReader';
import { readCounts } from './spanReader';

const family = requestFamily('{app="oscar"}');
const base = 1_790_000_000_000;
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

function read(entries: readonly LogEntry[], pageSize: number, span = { start: base, end: base + 3 }) {
  const loki = new FakeLoki(entries, { maxSeries: 1e9 });
  const client = new LokiClient(loki.transport, 'loki', noRetries);
  return { loki, client, groups: () => lastValueFrom(readLines(client, family, span, pageSize)) };
}

const entry = fc.record({
  user: fc.constantFrom('u1', 'u2', 'u3'),
  // Some ns around the edges of a few ms, so that many lines share one.
  time: fc
    .tuple(fc.integer({ min: -1, max: 3 }), fc.constantFrom(-1, 0, 0, 0, 1, 1))
    .map(([ms, ns]) => BigInt(base + ms) * 1_000_000n + BigInt(ns)),
});

const toEntries = (list: ReadonlyArray<{ user: string; time: bigint }>): LogEntry[] =>
  list.map(({ user, time }) => ({
    time,
    labels: {},
    line: managerLine({ type: 'sync', service: 'a', user }, 'seconds'),
  }));

const total = (groups: readonly LineGroup[]) => {
  const sums: Record<string, number> = {};
  for (const { text, count } of groups) {
    sums[text] = (sums[text] ?? 0) + count;
  }
  return sums;
};

it('reads every line once over any page size, or says that it can not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), async (list, pageSize) => {
      const span = { start: base, end: base + 3 };
      const own = list.filter(({ time }) => belongsTo(time, span));
      const atOneTime = Math.max(0, ...own.map(({ time }) => own.filter((other) => other.time === time).length));
      const { groups, client } = read(toEntries(list), pageSize);
      const result = await groups().catch((error: unknown) => error);
      if (result instanceof Error) {
        expect(result).toMatchObject({ kind: 'entries-limit' });
        expect(atOneTime).toBeGreaterThanOrEqual(pageSize);
        return;
      }
      const read_ = result as LineGroup[];
      expect(read_).toHaveLength(own.length);
      expect(total(read_)).toEqual(total((await lastValueFrom(readCounts(client, family, span))).groups));
    })
  );
});

it('survives several lines of one ns across the edge of a page', async () => {
  const times = [0, 5, 5, 5, 9].map((ns) => ({ user: 'u', time: BigInt(base) * 1_000_000n - BigInt(ns) }));
  const { groups, loki } = read(toEntries(times), 4);
  expect(await groups()).toHaveLength(5);
  expect(loki.requests.length).toBeGreaterThan(1);
});

it('extracts from an ingress line what Loki would, and nothing from others', async () => {
  const exposed = exposedFamily('{app="traefik"}');
  const lines = [
    '172.18.0.1 - - [23/Jan/2026:18:13:07 +0000] "GET /system/services/gmolto-nginx/exposed/ HTTP/1.1" 200 17 "-" "curl"',
    '10.42.0.1 - - [15/Jun/2026:12:30:00 +0000] "GET /system/services/notebook/exposed HTTP/1.1" 200 5 "-" "-"',
    '{"RequestMethod":"GET","RequestPath":"/system/services/notebook/exposed/api?x=1","DownstreamStatus":200}',
    '1.1.1.1 - - [x] "GET /system/services/notebook/exposedX HTTP/1.1" 200 5 "-" "-"',
    '1.1.1.1 - - [x] "GET / HTTP/1.1" 200 5 "https://h/system/services/notebook/exposed/" "-"',
    '1.1.1.1 - - [x] "GET /a/system/services/notebook/exposed/ HTTP/1.1" 200 5 "-" "-"',
  ];
  const loki = new FakeLoki(
    lines.map((line, index) => ({ line, labels: {}, time: BigInt(base) * 1_000_000n - BigInt(index) })),
    {}
  );
  const client = new LokiClient(loki.transport, 'loki', noRetries);
  const span = { start: base, end: base + 1 };
  const fromLines = await lastValueFrom(readLines(client, exposed, span, 100));
  expect(total(fromLines)).toEqual({ 'gmolto-nginx': 1, notebook: 2 });
  expect(total((await lastValueFrom(readCounts(client, exposed, span))).groups)).toEqual(total(fromLines));
});
