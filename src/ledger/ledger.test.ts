import fc from 'fast-check';
import { lastValueFrom, type Observable, switchMap } from 'rxjs';

import { gapsIn, lengthOf, type Span } from '../domain/span';
import {
  entries as someEntries,
  entryTime,
  epoch,
  type KnownEntry,
  managerLine,
  recount,
  spanWithin,
  zone,
} from '../testing/arbitraries';
import { FakeLoki, type FakeLokiOptions, type LogEntry } from '../testing/fakeLoki';
import { ledgersAt } from '../testing/ledgers';
import { UpstreamError } from '../upstream/errors';
import { LokiClient } from '../upstream/loki';
import { type Granularity } from './grid';
import { type LedgerRequest, type LedgerView } from './ledger';

const hourMs = 3_600_000;
const late = epoch + 1000 * hourMs;
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

function open(
  entries: readonly KnownEntry[],
  options: FakeLokiOptions = {},
  now: () => number = () => late,
  cacheBytes = 1e8
) {
  const loki = new FakeLoki(entries, options);
  const client = new LokiClient(loki.transport, 'loki', noRetries);
  const ledgers = ledgersAt(now, cacheBytes);
  const view = (request: LedgerRequest): Observable<LedgerView> =>
    ledgers.requests(client, '{app="oscar"}', 'oscar-svc').pipe(switchMap((ledger) => ledger.view(request)));
  return { loki, ledgers, view, read: (request: LedgerRequest) => lastValueFrom(view(request)) };
}

function countsOf({ cells, table }: LedgerView): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { ids, counts: own } of cells) {
    ids.forEach((id, index) => {
      const name = (['type', 'service', 'user', 'country'] as const).map((part) => table.nameOf(part, id)).join(' ');
      counts.set(name, (counts.get(name) ?? 0) + (own[index] ?? 0));
    });
  }
  return counts;
}

/** The cells and the missing spans cover the range exactly once, and the counts are those of what is not missing. */
function expectExact(view: LedgerView, entries: readonly KnownEntry[], span: Span) {
  const parts = [...view.cells, ...view.missing].map(({ start, end }) => ({ start, end }));
  expect(parts.reduce((sum, part) => sum + lengthOf(part), 0)).toBe(lengthOf(span));
  expect(gapsIn(span, parts)).toEqual([]);
  const known = gapsIn(span, view.missing);
  expect([...countsOf(view)].sort()).toEqual([...recount(entries, ...known)].sort());
}

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
      const meaning = { type: 'async' as const, service: 'burst', user: `u${index}`, country: 'unknown' };
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
  // What the index tells of the volume is a hint: right, wrong, or of something that is not there.
  volumeOf: fc.constantFrom<FakeLokiOptions['volumeOf']>(
    undefined,
    () => 0,
    (_, bytes) => 1e6 / (1 + bytes),
    (end, bytes) => (end % 7) * bytes,
    () => NaN
  ),
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
        // Three that count, and a question about volumes; in a data source all pass one gate.
        expect(loki.mostActive).toBeLessThanOrEqual(4);
        expect(ledgers.activeLoads).toBe(0);
      }
    ),
    { numRuns: 60 }
  );
});

/** A busy day, of which lines are cheaper than counts: many users an hour, from several countries. */
const busyDay: KnownEntry[] = Array.from({ length: 6000 }, (_, index) => {
  const country = ['ES', 'PL', 'unknown'][index % 3] as string;
  const meaning = { type: 'async' as const, service: `s${index % 7}`, user: `user-${index}`, country };
  const labels = { pod: `p${index % 2}`, ...(country !== 'unknown' && { geoip_country_code: country }) };
  const time = BigInt(epoch) * 1_000_000n + BigInt(index) * 14_400_000_000n;
  return { time, labels, line: managerLine(meaning, 'seconds'), meaning };
});
const day: LedgerRequest = { span: { start: epoch, end: epoch + 24 * hourMs }, zone: 'utc', granularity: 'day' };
const linesAsked = ({ requests }: FakeLoki) =>
  requests.filter(({ params }) => params['direction'] === 'forward').map(({ params }) => Number(params['limit']));

describe('where many different lines are near to each other', () => {
  const options = { maxSeries: 100 };

  it('reads lines, in fewer requests than counts would take, and is exact', async () => {
    const { read, loki } = open(busyDay, options);
    expectExact(await read(day), busyDay, day.span);
    expect(linesAsked(loki).length).toBeGreaterThan(0);
    expect(loki.requests.length).toBeLessThan(6000 / 100 / 2);
  });

  it('never takes lines that are fewer than Loki counts, and stops asking for them', async () => {
    const { read, loki } = open(busyDay, { ...options, lacks: ({ line }) => line.endsWith('7') });
    expectExact(await read(day), busyDay, day.span);
    expect(linesAsked(loki).length).toBeGreaterThan(0);
    expect(linesAsked(loki).length).toBeLessThanOrEqual(5);
  });

  it('cuts in time where Loki allows fewer series than it states, and lines are few', async () => {
    const list = busyDay.filter((_, index) => index % 50 === 0);
    const fault: FakeLokiOptions['fault'] = ({ params }) =>
      params['query']?.startsWith('sum by') && Number(/\[(\d+)ms\]/.exec(params['query'])?.[1]) > hourMs
        ? new UpstreamError('series-limit', 'too many', 400, undefined, 500)
        : undefined;
    const { read } = open(list, { fault });
    expectExact(await read(day), list, day.span);
  });

  it('does not take a line for two that is given twice where another one lacks', async () => {
    const double = busyDay.map((entry, index) => (index % 10 === 1 ? (busyDay[index - 1] as KnownEntry) : entry));
    const loki = new FakeLoki(busyDay, options);
    const doubled = new FakeLoki(double, options);
    const client = new LokiClient(
      (request) => (request.params['direction'] === 'forward' ? doubled : loki).transport(request),
      'loki',
      noRetries
    );
    const ledgers = ledgersAt(() => late);
    const view = await lastValueFrom(
      ledgers.requests(client, '{app="oscar"}', 'oscar-svc').pipe(switchMap((ledger) => ledger.view(day)))
    );
    expect(linesAsked(doubled).length).toBeGreaterThan(0);
    expectExact(view, busyDay, day.span);
  });

  it('counts only the piece in question where a line came in the meantime', async () => {
    let late = false;
    const { read, loki } = open(busyDay, {
      ...options,
      fault: ({ params }) => {
        // A line more for the second question than for the first.
        if (params['direction'] === 'forward' && !late) {
          late = true;
          const at = BigInt(params['start'] ?? 0) + 5n;
          const meaning = { type: 'sync' as const, service: 'late', user: 'late', country: 'unknown' };
          loki.entries = [...busyDay, { time: at, labels: {}, line: managerLine(meaning, 'seconds') }];
        }
        return undefined;
      },
    });
    const counts = countsOf(await read(day));
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(6001);
    expect(linesAsked(loki).length).toBeGreaterThan(1);
  });

  it.each(['bad-request', 'permission', 'malformed', 'timeout', 'size-limit'] as const)(
    'reads counts where lines are refused (%s)',
    async (kind) => {
      const fault: FakeLokiOptions['fault'] = ({ params }) =>
        params['direction'] === 'forward' ? new UpstreamError(kind, kind) : undefined;
      const { read, loki } = open(busyDay, { ...options, fault });
      expectExact(await read(day), busyDay, day.span);
      expect(linesAsked(loki).length).toBeGreaterThan(0);
      expect(linesAsked(loki).length).toBeLessThanOrEqual(5);
    }
  );

  it('learns how many lines an answer may have from the error of a Loki that does not say', async () => {
    const { read, loki } = open(busyDay, { maxSeries: 20, maxEntries: 400, statesLimits: false });
    expectExact(await read(day), busyDay, day.span);
    const asked = linesAsked(loki);
    expect(asked.some((limit) => limit > 400)).toBe(true);
    expect(asked.slice(5).every((limit) => limit <= 400)).toBe(true);
    expect(asked.length).toBeGreaterThan(7);
  });

  it('is exact where lines are lacking or fail now and then', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 200 }),
        fc.constantFrom(undefined, 100, 1000),
        fc.integer({ min: 2, max: 6000 }),
        fc.array(fc.option(fc.constantFrom(...kinds), { freq: 6, nil: undefined }), { maxLength: 30 }),
        fc.boolean(),
        async (maxSeries, maxEntries, every, faults, statesLimits) => {
          const lacking = new Set(busyDay.filter((_, index) => index % every === 1));
          const fault: FakeLokiOptions['fault'] = (_, number) => {
            const kind = faults[number - 1];
            return kind && new UpstreamError(kind, kind);
          };
          const lacks = (entry: LogEntry) => lacking.has(entry as KnownEntry);
          const { read } = open(busyDay, { maxSeries, maxEntries, statesLimits, lacks, fault });
          expectExact(await read(day), busyDay, day.span);
        }
      ),
      { numRuns: 15 }
    );
  });
});

const kinds = ['timeout', 'unavailable', 'rate', 'malformed', 'size-limit', 'permission', 'cancelled'] as const;

it('is exact, or what differs lies entirely inside what is missing, when requests fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(request, { minLength: 1, maxLength: 4 }),
      limits,
      fc.array(fc.option(fc.constantFrom(...kinds), { freq: 4, nil: undefined }), { maxLength: 30 }),
      async (list, requests, own, faults) => {
        const fault: FakeLokiOptions['fault'] = (_, number) => {
          const kind = faults[number - 1];
          return kind && new UpstreamError(kind, kind);
        };
        const { read } = open(list, { ...own, fault });
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
  const meaning = { type: 'sync' as const, service: 'a', user: 'u', country: 'unknown' };
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

it('leaves no request under way when everybody has gone', async () => {
  const { loki, ledgers, view } = open([], { delayMs: 20 });
  const [one, other] = [view(whole).subscribe(), view(whole).subscribe()];
  await new Promise((resolve) => setTimeout(resolve, 30));
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
    const meaning = { type: 'sync' as const, service: 'a', user: 'u', country: 'unknown' };
    const time = BigInt(epoch + hour * hourMs + 1) * 1_000_000n;
    return { time, labels: {}, line: managerLine(meaning, 'seconds'), meaning };
  });
  const { view } = open(list, { delayMs: 5 });
  const leaves = view(whole).subscribe();
  const stays = lastValueFrom(view(whole));
  setTimeout(() => leaves.unsubscribe(), 12);
  expectExact(await stays, list, span);
});

it('reads again on demand, and what is settled is then as read last', async () => {
  const { loki, read } = open([]);
  await read(whole);
  const meaning = { type: 'sync' as const, service: 'a', user: 'u', country: 'unknown' };
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
    const meaning = { type: 'async' as const, service: 'crowd', user: `user-${index}`, country: 'unknown' };
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
