import { lastValueFrom, switchMap } from 'rxjs';

import { MemoryBudget } from '../memoryBudget';
import { epoch, type KnownEntry, managerLine } from '../testing/arbitraries';
import { FakeLoki } from '../testing/fakeLoki';
import { open } from '../testing/ledgerFixtures';
import { LokiClient } from '../upstream/loki';
import { StatedLimits } from '../upstream/statedLimits';
import { WindowStore } from '../usage/windowStore';
import { Ledgers } from './ledgers';

const hourMs = 3_600_000;

const entries = Array.from({ length: 48 * 20 }, (_, index): KnownEntry => {
  const meaning = { type: 'sync' as const, service: 'a', user: `u${index % 20}`, country: 'unknown' };
  return {
    time: BigInt(epoch + Math.floor(index / 20) * hourMs + 1) * 1_000_000n,
    labels: {},
    line: managerLine(meaning, 'seconds'),
    meaning,
  };
});
const span = { start: epoch, end: epoch + 48 * hourMs };

describe('a reading that has ended', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it('is not kept any longer than it serves others, also where nobody asks again', async () => {
    const { loki, read } = open(entries, {}, () => span.end);
    await read({ span, zone: 'utc', granularity: 'hour' });
    const before = loki.requests.length;
    await read({ span, zone: 'utc', granularity: 'day' });
    // The open end comes from the same reading.
    expect(loki.requests.length).toBe(before);
    jest.advanceTimersByTime(2500);
    await read({ span, zone: 'utc', granularity: 'day' });
    expect(loki.requests.length).toBeGreaterThan(before);
  });
});

it('shares its memory with all that is kept beside it', async () => {
  const memory = new MemoryBudget(200_000);
  const store = new WindowStore<{ size: number }>(10_000, memory);
  const ledgers = new Ledgers({
    settleDelayMs: 0,
    cacheBytes: 200_000,
    memory,
    concurrency: 3,
    now: () => span.end + 48 * hourMs,
    statedLimits: new StatedLimits(),
  });
  const client = new LokiClient(new FakeLoki(entries).transport, 'loki');
  const ledger$ = ledgers.requests(client, '{app="oscar"}', 'oscar-svc');
  const ledger = await lastValueFrom(ledger$);
  for (let index = 0; index < 1600; index += 1) {
    store.set(String(index), { size: 1 });
  }
  expect(store.bytes).toBe(160_000);
  await lastValueFrom(ledger$.pipe(switchMap((one) => one.view({ span, zone: 'utc', granularity: 'hour' }))));
  expect(ledger.bytes).toBeGreaterThan(40_000);
  expect(store.bytes + ledger.bytes).toBeLessThanOrEqual(200_000);
});
