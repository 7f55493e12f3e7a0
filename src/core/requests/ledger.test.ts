import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import {
  entries as someEntries,
  entryTime,
  epoch,
  type KnownEntry,
  managerLine,
  spanWithin,
  zone,
} from '../../testing/arbitraries';
import { type FakeLoki } from '../../testing/fakeLoki';
import { countsOf, expectExact, failing, failures, late, open } from '../../testing/ledgerFixtures';
import { hourMs } from '../domain/duration';
import { gapsIn, lengthOf } from '../domain/span';
import { UpstreamError } from '../upstream/errors';
import { type Granularity } from './grid';
import { type LedgerRequest } from './ledger';

const request = fc.record({
  span: spanWithin(60),
  zone,
  granularity: fc.constantFrom<Granularity>('day', 'hour'),
});

/** Many different lines at few instants, which no cut in time can tell apart. */
const burst: fc.Arbitrary<KnownEntry[]> = fc
  .tuple(entryTime(60), fc.integer({ min: 1, max: 25 }), fc.boolean())
  .map(([time, size, spread]) =>
    Array.from({ length: size }, (_, index) => {
      const meaning = {
        type: 'async' as const,
        service: 'burst',
        user: `u${index}`,
        country: 'unknown',
        outcome: 'succeeded' as const,
      };
      const at = time + BigInt(spread ? index * 1000 : 0);
      return { time: at, labels: {}, line: managerLine(meaning, 'seconds'), meaning };
    })
  );
const entries = fc.tuple(someEntries(60), burst).map(([scattered, together]) => [...scattered, ...together]);

const limits = fc.record({
  maxSeries: fc.integer({ min: 3, max: 60 }),
  maxEntries: fc.constantFrom(undefined, 1, 20, 300),
  maxLengthMs: fc.constantFrom(undefined, 5 * hourMs, 24 * hourMs),
  statesLimits: fc.boolean(),
});

it('counts exactly under any limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(request, { minLength: 1, maxLength: 4 }),
      limits,
      async (list, requests, own) => {
        const { read, loki, ledgers } = open(list, own);
        for (const one of requests) {
          expectExact(await read(one), list, one.span);
        }
        expect(loki.mostActive).toBeLessThanOrEqual(3);
        expect(ledgers.activeLoads).toBe(0);
      }
    ),
    { numRuns: 60 }
  );
});

it('is exact, or what differs lies entirely inside what is missing, when requests fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(request, { minLength: 1, maxLength: 4 }),
      limits,
      fc.array(fc.option(fc.constantFrom(...failures), { freq: 4, nil: undefined }), { maxLength: 30 }),
      async (list, requests, own, faults) => {
        const { read } = open(list, { ...own, fault: failing(faults) });
        for (const one of requests) {
          expectExact(await read(one), list, one.span);
        }
      }
    ),
    { numRuns: 60 }
  );
});

it('is exact for views that start together and share their readings', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(request, { minLength: 2, maxLength: 4 }),
      limits,
      async (list, requests, own) => {
        const { read, ledgers } = open(list, own);
        const views = await Promise.all(requests.map(read));
        views.forEach((view, index) => expectExact(view, list, (requests[index] as LedgerRequest).span));
        expect(ledgers.activeLoads).toBe(0);
      }
    ),
    { numRuns: 40 }
  );
});

const span = { start: epoch, end: epoch + 48 * hourMs };
const whole: LedgerRequest = { span, zone: 'utc', granularity: 'day' };

it('sends nothing twice for equal views that start together', async () => {
  const alone = open([]);
  await alone.read(whole);
  const together = open([]);
  await Promise.all([together.read(whole), together.read(whole), together.read(whole)]);
  expect(together.loki.requests).toHaveLength(alone.loki.requests.length);
});

it('asks for no part of the time twice', async () => {
  const { loki, read } = open([]);
  await read(whole);
  const spans = loki.countedSpans;
  expect(spans.reduce((sum, one) => sum + lengthOf(one), 0)).toBe(lengthOf(span));
  expect(gapsIn(span, spans)).toEqual([]);
});

it('does not read settled cells again, and reads the open end each time', async () => {
  const now = epoch + 30 * hourMs + 1_234_567;
  let clock = now;
  const { loki, read } = open([], {}, () => clock);
  const until = { ...whole, span: { start: epoch, end: now } };
  await read(until);
  const before = loki.requests.length;
  clock += 10_000;
  await read(until);
  const again = loki.countedSpans.slice(before - 1);
  // One hour until settled, and the begun hour.
  expect(again.length).toBeGreaterThan(0);
  expect(Math.min(...again.map(({ start }) => start))).toBeGreaterThanOrEqual(now - 2 * hourMs);
});

it('sees a line that arrives late before its hour is settled', async () => {
  let clock = epoch + 10 * hourMs;
  const { loki, read } = open([], {}, () => clock);
  const until = { ...whole, span: { start: epoch, end: clock } };
  expect(countsOf(await read(until)).size).toBe(0);
  const meaning = { type: 'sync' as const, service: 'a', user: 'u', country: 'unknown', outcome: 'succeeded' as const };
  const entry = { time: BigInt(clock - hourMs + 1) * 1_000_000n, labels: {}, line: managerLine(meaning, 'seconds') };
  loki.entries = [entry];
  clock += 10_000;
  expectExact(await read(until), [{ ...entry, meaning }], until.span);
});

it('never keeps what could not be read', async () => {
  let broken = true;
  const fault = () => (broken ? new UpstreamError('unavailable', 'down') : undefined);
  let clock = late;
  const { read } = open([], { fault, statesLimits: false }, () => clock);
  const view = await read(whole);
  expect(view.cells).toEqual([]);
  expect(view.missing.reduce((sum, one) => sum + lengthOf(one), 0)).toBe(lengthOf(span));
  broken = false;
  clock += 10_000;
  expect((await read(whole)).missing).toEqual([]);
});

it('gives up soon when the engine is not able to answer at all', async () => {
  const { loki, read } = open([], { fault: () => new UpstreamError('timeout', 'no answer') });
  const view = await read({ ...whole, span: { start: epoch, end: epoch + 180 * 24 * hourMs } });
  expect(view.cells).toEqual([]);
  expect(loki.requests.length).toBeLessThan(20);
});

/** Waits until so many requests were sent. */
async function requestsOf({ requests }: FakeLoki, count: number): Promise<void> {
  while (requests.length < count) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

it('leaves no request under way when everybody has gone', async () => {
  const { loki, ledgers, view } = open([], { delayMs: 20 });
  const [one, other] = [view(whole).subscribe(), view(whole).subscribe()];
  await requestsOf(loki, 3);
  expect(loki.active).toBeGreaterThan(0);
  one.unsubscribe();
  expect(loki.active).toBeGreaterThan(0);
  other.unsubscribe();
  expect(loki.active).toBe(0);
  expect(ledgers.activeLoads).toBe(0);
  const sent = loki.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(loki.requests).toHaveLength(sent);
});

it('goes on for the one who stays', async () => {
  const list: KnownEntry[] = [0, 20, 47].map((hour) => {
    const meaning = {
      type: 'sync' as const,
      service: 'a',
      user: 'u',
      country: 'unknown',
      outcome: 'succeeded' as const,
    };
    const time = BigInt(epoch + hour * hourMs + 1) * 1_000_000n;
    return { time, labels: {}, line: managerLine(meaning, 'seconds'), meaning };
  });
  const { loki, view } = open(list, { delayMs: 5 });
  const leaves = view(whole).subscribe();
  const stays = lastValueFrom(view(whole));
  await requestsOf(loki, 3);
  expect(loki.active).toBeGreaterThan(0);
  leaves.unsubscribe();
  expectExact(await stays, list, span);
});

it('reads again on demand, and what is settled is then as read last', async () => {
  const { loki, read } = open([]);
  await read(whole);
  const meaning = { type: 'sync' as const, service: 'a', user: 'u', country: 'unknown', outcome: 'succeeded' as const };
  const entry = { time: BigInt(epoch + hourMs) * 1_000_000n, labels: {}, line: managerLine(meaning, 'seconds') };
  loki.entries = [entry];
  expect(countsOf(await read(whole)).size).toBe(0);
  expectExact(await read({ ...whole, readAgain: true }), [{ ...entry, meaning }], span);
});

describe('with little memory', () => {
  const hours = 50;
  const usersAnHour = 60;
  /** Every hour has users of its own. */
  const crowd: KnownEntry[] = Array.from({ length: hours * usersAnHour }, (_, index) => {
    const hour = Math.floor(index / usersAnHour);
    const meaning = {
      type: 'async' as const,
      service: 'crowd',
      user: `user-${index}`,
      country: 'unknown',
      outcome: 'succeeded' as const,
    };
    const time = BigInt(epoch + hour * hourMs + (index % usersAnHour) * 50_000) * 1_000_000n;
    return { time, labels: {}, line: managerLine(meaning, 'seconds'), meaning };
  });
  const hour = (index: number, length = 1) => ({
    span: { start: epoch + index * hourMs, end: epoch + (index + length) * hourMs },
    zone: 'utc',
    granularity: 'hour' as const,
  });

  /** A ledger that is asked once a minute, so that nothing but its memory answers again. */
  function openSmall(cacheBytes: number) {
    let time = late;
    const { loki, read } = open(crowd, {}, () => time, cacheBytes);
    const later = (wanted: LedgerRequest) => {
      time += 60_000;
      return read(wanted);
    };
    return { loki, read: later };
  }

  it('keeps what fits, though the dictionary takes most of it', async () => {
    const { loki, read } = openSmall(400_000);
    const view = await read(hour(0, 20));
    expect(view.table.bytes).toBeGreaterThan(200_000);
    loki.requests.length = 0;
    expectExact(await read(hour(0, 20)), crowd, hour(0, 20).span);
    await read({ ...hour(0, 20), granularity: 'day' });
    expect(loki.requests).toHaveLength(0);
  });

  it('forgets the keys of what it no longer keeps, and stays exact', async () => {
    const { loki, read } = openSmall(60_000);
    for (let index = 0; index < hours; index += 1) {
      expectExact(await read(hour(index)), crowd, hour(index).span);
    }
    const { table } = await read(hour(hours - 1));
    expect(table.size).toBeLessThan((hours * usersAnHour) / 1.5);
    loki.requests.length = 0;
    expectExact(await read(hour(hours - 2, 2)), crowd, hour(hours - 2, 2).span);
    expect(loki.requests).toHaveLength(0);
    expectExact(await read(hour(0)), crowd, hour(0).span);
    expect(loki.requests.length).toBeGreaterThan(0);
  });
});
