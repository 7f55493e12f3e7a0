import fc from 'fast-check';
import { lastValueFrom, switchMap } from 'rxjs';

import { FakeLoki } from '../testing/fakeLoki';
import { hourlyRequests } from '../testing/hourlyRequests';
import { lineOptions } from '../testing/lineOptions';
import { LruStore } from './hours/cache/lruStore';
import { Ledgers } from './requests/ledgers';
import { MemoryBudget } from './runtime/memoryBudget';
import { LokiClient } from './upstream/loki';
import { StatedLimits } from './upstream/statedLimits';

it('keeps all stores together within the budget, and takes from the largest one', () => {
  const budget = new MemoryBudget(10_000);
  const large = new LruStore<{ size: number }>(1000, budget);
  const small = new LruStore<{ size: number }>(1000, budget);
  for (let index = 0; index < 80; index += 1) {
    large.set(String(index), { size: 1 });
  }
  for (let index = 0; index < 30; index += 1) {
    small.set(String(index), { size: 1 });
  }
  expect(large.bytes + small.bytes).toBeLessThanOrEqual(10_000);
  expect(small.bytes).toBe(3000);
  expect(large.get('0')).toBeUndefined();
  expect(large.get('79')).toBeDefined();
});

it('is never exceeded, whatever is kept', () => {
  const sets = fc.array(fc.tuple(fc.nat(2), fc.nat(20), fc.integer({ min: 1, max: 30 })), { maxLength: 80 });
  fc.assert(
    fc.property(sets, (steps) => {
      const budget = new MemoryBudget(5000);
      const stores = [0, 1, 2].map(() => new LruStore<{ size: number }>(100, budget));
      for (const [which, key, size] of steps) {
        stores[which]?.set(String(key), { size });
        expect(stores.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(5000);
      }
    })
  );
});

const { entries, span } = hourlyRequests(48, 20);

it('shares its memory with all that is kept beside it', async () => {
  const memory = new MemoryBudget(200_000);
  const store = new LruStore<{ size: number }>(10_000, memory);
  const ledgers = new Ledgers({
    settleDelayMs: 0,
    cacheBytes: 200_000,
    memory,
    now: () => span.end + 48 * 3_600_000,
    statedLimits: new StatedLimits(),
  });
  const client = new LokiClient(new FakeLoki(entries).transport, 'loki');
  const ledger$ = ledgers.requests(client, '{app="oscar"}', lineOptions);
  const ledger = await lastValueFrom(ledger$);
  for (let index = 0; index < 1600; index += 1) {
    store.set(String(index), { size: 1 });
  }
  expect(store.bytes).toBe(160_000);
  await lastValueFrom(ledger$.pipe(switchMap((one) => one.view({ span, zone: 'utc', granularity: 'hour' }))));
  expect(ledger.bytes).toBeGreaterThan(40_000);
  expect(store.bytes + ledger.bytes).toBeLessThanOrEqual(200_000);
});
