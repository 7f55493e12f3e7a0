import fc from 'fast-check';
import { lastValueFrom, type Subscription, switchMap } from 'rxjs';

import {
  entries as someEntries,
  epoch,
  nameOf,
  type KnownEntry,
  recount,
  spanWithin,
  zone,
} from '../../testing/arbitraries';
import { FakeLoki } from '../../testing/fakeLoki';
import { ledgersAt } from '../../testing/ledgers';
import { lineOptions } from '../../testing/lineOptions';
import { hourMs } from '../domain/duration';
import { gapsIn, lengthOf, type Span } from '../domain/span';
import { UpstreamError } from '../upstream/errors';
import { LokiClient } from '../upstream/loki';
import { type Granularity } from './grid';
import { type LedgerView } from './ledger';

const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

function expectExact({ cells, missing, table }: LedgerView, entries: readonly KnownEntry[], span: Span) {
  const counts = new Map<string, number>();
  for (const { ids, counts: own } of cells) {
    ids.forEach((id, index) => {
      const name = nameOf(table.keyOf(id));
      counts.set(name, (counts.get(name) ?? 0) + (own[index] ?? 0));
    });
  }
  expect([...cells, ...missing].reduce((sum, part) => sum + lengthOf(part), 0)).toBe(lengthOf(span));
  expect([...counts].sort()).toEqual([...recount(entries, ...gapsIn(span, missing))].sort());
}

const granularity = fc.constantFrom<Granularity>('day', 'hour');

it('is exact at every time, while lines arrive up to the settle delay late', async () => {
  const lateEntry = fc
    .tuple(someEntries(50, 40), fc.array(fc.integer({ min: 0, max: hourMs - 1000 }), { minLength: 40, maxLength: 40 }))
    .map(([list, delays]) =>
      list.map((entry, index) => ({ entry, arrival: Number(entry.time / 1_000_000n) + (delays[index] ?? 0) }))
    );
  const visit = fc.record({
    after: fc.integer({ min: 3000, max: 12 * hourMs }),
    length: fc.integer({ min: 1, max: 40 * hourMs }),
    zone,
    granularity,
    fails: fc.option(fc.nat({ max: 6 }), { freq: 3, nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(lateEntry, fc.array(visit, { minLength: 2, maxLength: 8 }), async (list, visits) => {
      let now = epoch + 2 * hourMs;
      const loki = new FakeLoki([], { maxSeries: 10 });
      const ledgers = ledgersAt(() => now);
      const client = new LokiClient(loki.transport, 'loki', noRetries);
      for (const { after, length, fails, ...how } of visits) {
        now += after;
        const arrived = list.filter(({ arrival }) => arrival <= now).map(({ entry }) => entry);
        loki.entries = arrived;
        const sent = loki.requests.length;
        const fault = (_: unknown, number: number) =>
          number === sent + (fails ?? -1) ? new UpstreamError('rate', 'busy') : undefined;
        loki.options = { ...loki.options, fault };
        const span = { start: now - length, end: now };
        const view = await lastValueFrom(
          ledgers.requests(client, '{a="b"}', lineOptions).pipe(switchMap((ledger) => ledger.view({ span, ...how })))
        );
        expectExact(view, arrived, span);
      }
    }),
    { numRuns: 60 }
  );
});

it('is exact for those who stay when others leave at any moment', async () => {
  const viewer = fc.record({
    span: spanWithin(50),
    zone,
    granularity,
    leavesAfter: fc.option(fc.nat({ max: 8 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(someEntries(50), fc.array(viewer, { minLength: 2, maxLength: 5 }), async (list, viewers) => {
      const loki = new FakeLoki(list, { maxSeries: 8, delayMs: 1 });
      const ledgers = ledgersAt(() => epoch + 1000 * hourMs);
      const client = new LokiClient(loki.transport, 'loki', noRetries);
      await Promise.all(
        viewers.map(({ leavesAfter, ...request }) => {
          const view = ledgers
            .requests(client, '{a="b"}', lineOptions)
            .pipe(switchMap((ledger) => ledger.view(request)));
          if (leavesAfter === undefined) {
            return lastValueFrom(view).then((seen) => expectExact(seen, list, request.span));
          }
          const subscription: Subscription = view.subscribe();
          return new Promise<void>((resolve) =>
            setTimeout(() => {
              subscription.unsubscribe();
              resolve();
            }, leavesAfter)
          );
        })
      );
      expect(ledgers.activeLoads).toBe(0);
      expect(loki.active).toBe(0);
    }),
    { numRuns: 25 }
  );
});
