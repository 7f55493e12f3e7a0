import fc from 'fast-check';

import { epoch, type KnownEntry, managerLine, recount } from '../../testing/arbitraries';
import { FakeLoki, type FakeLokiOptions, type LogEntry } from '../../testing/fakeLoki';
import { countsOf, expectExact, failing, failures, open, openOver } from '../../testing/ledgerFixtures';
import { hourMs } from '../domain/duration';
import { totalLength } from '../domain/span';
import { UpstreamError } from '../upstream/errors';
import { type LedgerRequest } from './ledger';

/** A busy day, of which lines are cheaper than counts: many users an hour, from several countries. */
const busyDay: KnownEntry[] = Array.from({ length: 6000 }, (_, index) => {
  const country = ['ES', 'PL', 'unknown'][index % 3] as string;
  const meaning = {
    type: 'async' as const,
    service: `s${index % 7}`,
    user: `user-${index}`,
    country,
    outcome: 'succeeded' as const,
  };
  const labels = { pod: `p${index % 2}`, ...(country !== 'unknown' && { geoip_country_code: country }) };
  const time = BigInt(epoch) * 1_000_000n + BigInt(index) * 14_400_000_000n;
  return { time, labels, line: managerLine(meaning, 'seconds'), meaning };
});
const sorted = (list: readonly KnownEntry[]) => [...list].sort((a, b) => Number(a.time - b.time));
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

  it('gives each quarter hour its own lines, also those that Loki sorts', async () => {
    const rejected = Array.from({ length: 3000 }, (_, index): KnownEntry => {
      const meaning = { type: 'sync', service: 'a', user: 'oscar', country: 'unknown', outcome: 'succeeded' } as const;
      const time = BigInt(epoch) * 1_000_000n + BigInt(index) * 28_800_000_000n + 7n;
      return {
        time,
        labels: {},
        line: managerLine(meaning, 'seconds', { status: 401 }),
        meaning: { ...meaning, type: '', service: '', user: '', outcome: 'rejected' },
      };
    });
    const list = sorted([...busyDay, ...rejected]);
    const { read, loki } = open(list, options);
    const view = await read({ ...day, granularity: 'quarter' });
    expect(linesAsked(loki).length).toBeGreaterThan(0);
    expectExact(view, list, day.span);
    for (let start = epoch; start < day.span.end; start += hourMs / 4) {
      const quarter = { start, end: start + hourMs / 4 };
      const own = { ...view, cells: view.cells.filter((cell) => cell.start >= start && cell.end <= quarter.end) };
      expect(Object.fromEntries(countsOf(own))).toEqual(Object.fromEntries(recount(list, quarter)));
    }
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
        ? new UpstreamError('series-limit', 'too many', 400, { limit: 500 })
        : undefined;
    const { read } = open(list, { fault });
    expectExact(await read(day), list, day.span);
  });

  it('does not take a line for two that is given twice where another one lacks', async () => {
    const double = busyDay.map((entry, index) => (index % 10 === 1 ? (busyDay[index - 1] as KnownEntry) : entry));
    const loki = new FakeLoki(busyDay, options);
    const doubled = new FakeLoki(double, options);
    const { read } = openOver((request) =>
      (request.params['direction'] === 'forward' ? doubled : loki).transport(request)
    );
    const view = await read(day);
    expect(linesAsked(doubled).length).toBeGreaterThan(0);
    expectExact(view, busyDay, day.span);
  });

  it('counts only the split in question where a line came in the meantime', async () => {
    let late = false;
    const { read, loki } = open(busyDay, {
      ...options,
      fault: ({ params }) => {
        // A line more for the second question than for the first.
        if (params['direction'] === 'forward' && !late) {
          late = true;
          const at = BigInt(params['start'] ?? 0) + 5n;
          const meaning = {
            type: 'sync' as const,
            service: 'late',
            user: 'late',
            country: 'unknown',
            outcome: 'succeeded' as const,
          };
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
        fc.array(fc.option(fc.constantFrom(...failures), { freq: 6, nil: undefined }), { maxLength: 30 }),
        fc.boolean(),
        async (maxSeries, maxEntries, every, faults, statesLimits) => {
          const lacking = new Set(busyDay.filter((_, index) => index % every === 1));
          const lacks = (entry: LogEntry) => lacking.has(entry as KnownEntry);
          const { read } = open(busyDay, { maxSeries, maxEntries, statesLimits, lacks, fault: failing(faults) });
          expectExact(await read(day), busyDay, day.span);
        }
      ),
      { numRuns: 15 }
    );
  });
});

describe('where most lines are requests to names that nobody has', () => {
  const options = { maxSeries: 100, maxEntries: 1000 };
  const invented = Array.from({ length: 20_000 }, (_, index): KnownEntry => {
    const country = ['ES', 'unknown'][index % 2] as string;
    const meaning = { type: '' as const, service: '', user: '', country, outcome: 'rejected' as const };
    const labels = { pod: `p${index % 3}`, ...(country !== 'unknown' && { geoip_country_code: country }) };
    const time = BigInt(epoch) * 1_000_000n + BigInt(index) * 4_320_000_000n;
    const called = { type: 'sync' as const, service: `ghost-${index}`, user: 'oscar' };
    return { time, labels, line: managerLine(called, 'seconds', { status: 404 }), meaning };
  });
  const flooded = sorted([...busyDay, ...invented]);
  const onDays = (list: readonly KnownEntry[], days: number) =>
    sorted(
      Array.from({ length: days }, (_, index) =>
        list.map((entry) => ({ ...entry, time: entry.time + BigInt(index * 24 * hourMs) * 1_000_000n }))
      ).flat()
    );

  it.each([
    ['day', 3],
    ['hour', 1],
  ] as const)('counts these, and reads the others, in no more requests (by the %s)', async (granularity, days) => {
    const range = { ...day, granularity, span: { start: epoch, end: epoch + days * 24 * hourMs } };
    const lists = { honest: onDays(busyDay, days), hostile: onDays(flooded, days) };
    const [honest, hostile] = [open(lists.honest, options), open(lists.hostile, options)];
    expectExact(await honest.read(range), lists.honest, range.span);
    const view = await hostile.read(range);
    expectExact(view, lists.hostile, range.span);
    expect(view.missing).toEqual([]);
    const lines = linesAsked(hostile.loki);
    // One more than there are for each answer.
    expect(lines.reduce((sum, limit) => sum + limit, 0)).toBe(lists.honest.length + lines.length);
    expect(hostile.loki.requests.length).toBeLessThanOrEqual(1.1 * honest.loki.requests.length);
  });

  it('reads them, too, where they are few', async () => {
    const list = sorted([...busyDay, ...invented.filter((_, index) => index % 100 === 0)]);
    const { read, loki } = open(list, options);
    expectExact(await read({ ...day, granularity: 'hour' }), list, day.span);
    const lines = linesAsked(loki);
    expect(lines.reduce((sum, limit) => sum + limit, 0)).toBe(list.length + lines.length);
  });

  it('is exact where lines are lacking or fail now and then', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('day' as const, 'hour' as const),
        fc.integer({ min: 2, max: 6000 }),
        fc.array(fc.option(fc.constantFrom(...failures), { freq: 6, nil: undefined }), { maxLength: 30 }),
        async (granularity, every, faults) => {
          const lacking = new Set(flooded.filter((_, index) => index % every === 1));
          const lacks = (entry: LogEntry) => lacking.has(entry as KnownEntry);
          const { read } = open(flooded, { ...options, lacks, fault: failing(faults) });
          expectExact(await read({ ...day, granularity }), flooded, day.span);
        }
      ),
      { numRuns: 8 }
    );
  });
});

describe('an hour of more lines than an answer may hold', () => {
  it('is read in splits, and the other hours together', async () => {
    const busyHour = busyDay.slice(0, 1500).map((entry, index) => ({
      ...entry,
      time: BigInt(epoch + 5 * hourMs) * 1_000_000n + BigInt(index) * 2_000_000_000n,
    }));
    const list = sorted([...busyDay, ...busyHour]);
    const { read, loki } = open(list, { maxSeries: 100, maxEntries: 1000 });
    const view = await read({ ...day, granularity: 'hour' });
    expectExact(view, list, day.span);
    expect(view.missing).toEqual([]);
    expect(loki.requests.length).toBeLessThan(25);
  });
});

describe('a millisecond of more different lines than a query may have series', () => {
  const instant = busyDay.slice(0, 50).map((entry) => ({ ...entry, time: BigInt(epoch + hourMs) * 1_000_000n }));
  const list = [...busyDay.filter((_, index) => index % 100 === 0), ...instant];

  it('is read as lines', async () => {
    const { read, loki } = open(list, { maxSeries: 20, maxEntries: 60 });
    const view = await read(day);
    expectExact(view, list, day.span);
    expect(view.missing).toEqual([]);
    expect(linesAsked(loki).length).toBeGreaterThan(0);
  });

  it('is read as lines also where these lacked some elsewhere', async () => {
    const lacks = ({ time }: LogEntry) => time > BigInt(epoch + 2 * hourMs) * 1_000_000n;
    const all = [...busyDay.slice(1000), ...list];
    const { read } = open(all, { maxSeries: 20, maxEntries: 100, lacks });
    await read({ ...day, span: { start: epoch + 3 * hourMs, end: epoch + 24 * hourMs } });
    const view = await read(day);
    expectExact(view, all, day.span);
    expect(view.missing).toEqual([]);
  });

  it('is missing alone where they are more than an answer may hold', async () => {
    const { read } = open(list, { maxSeries: 20, maxEntries: 50 });
    const view = await read(day);
    expectExact(view, list, day.span);
    expect(totalLength(view.missing)).toBe(1);
    expect(view.missing[0]?.reason).toMatchObject({
      kind: 'series-limit',
      message: expect.stringMatching(/one millisecond/),
    });
  });
});
