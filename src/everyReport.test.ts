import { type DataFrame } from '@grafana/data';
import fc from 'fast-check';

import { type PeriodUnit, periodsOf } from './domain/periods';
import { type Span } from './domain/span';
import {
  belongsTo,
  entries as someEntries,
  epoch,
  type KnownEntry,
  spanWithin,
  zone as someZone,
} from './testing/arbitraries';
import { clusterWith, rowsOf, type TestRow } from './testing/cluster';
import { type OscarQuery } from './types';

/** Hours over which the entries lie. */
const hours = 60;
const dayMs = 86_400_000;

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(epoch + 40 * dayMs);
});
afterEach(() => jest.restoreAllMocks());

type Target = Omit<OscarQuery, 'refId'>;

const countOf = (row: TestRow, column: string) => Number(row[column] ?? 0);
const sum = (rows: readonly TestRow[], column: string) => rows.reduce((total, row) => total + countOf(row, column), 0);
const tally = (rows: readonly TestRow[], key: string, column: string) =>
  Object.fromEntries(rows.filter((row) => countOf(row, column) > 0).map((row) => [row[key], row[column]]));

/** The requests of a span, in the plainest way. */
function requestsIn(list: readonly KnownEntry[], span: Span) {
  return list.flatMap(({ time, meaning }) => (meaning && belongsTo(time, span) ? [{ ...meaning, time }] : []));
}

function countBy<T>(list: readonly T[], key: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) {
    counts[key(one)] = (counts[key(one)] ?? 0) + 1;
  }
  return counts;
}

const table = async (list: readonly KnownEntry[], target: Target, span: Span, zone = 'utc') =>
  rowsOf((await clusterWith(list).frames(target, span, zone))[0]);

/** The millisecond to which a line belongs, as the contract writes times. */
const isoOf = (ns: bigint) => new Date(Number((ns + 999_999n) / 1_000_000n)).toISOString();

it('equals a naive recount, whatever is asked', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), spanWithin(hours), someZone, async (list, span, zone) => {
      const all = requestsIn(list, span);
      const byService = await table(list, { queryType: 'breakdown', groupBy: 'service' }, span, zone);
      expect(tally(byService, 'key', 'requests_count_total')).toEqual(countBy(all, ({ service }) => service));
      const byUser = await table(list, { queryType: 'breakdown', groupBy: 'user' }, span, zone);
      expect(tally(byUser, 'key', 'executions_count')).toEqual(countBy(all, ({ user }) => user));
      const byCountry = await table(list, { queryType: 'country' }, span, zone);
      expect(tally(byCountry, 'country', 'request_count')).toEqual(countBy(all, ({ country }) => country));
      const [total = {}] = await table(list, { queryType: 'summary' }, span, zone);
      expect(total).toMatchObject({
        requests_count_total: all.length,
        requests_count_sync: all.filter(({ type }) => type === 'sync').length,
        users_count: new Set(all.map(({ user }) => user)).size,
      });
      expect(sum(await table(list, { queryType: 'membership' }, span, zone), 'executions_count')).toBe(all.length);
    }),
    { numRuns: 25 }
  );
});

it('knows to the millisecond when a service was first and last called', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), spanWithin(hours), async (list, span) => {
      const expected = new Map<string, { first_seen: string; last_seen: string; requests_count_total: number }>();
      for (const { service, time } of requestsIn(list, span).sort((a, b) => (a.time < b.time ? -1 : 1))) {
        const known = expected.get(service);
        expected.set(service, {
          first_seen: known?.first_seen ?? isoOf(time),
          last_seen: isoOf(time),
          requests_count_total: (known?.requests_count_total ?? 0) + 1,
        });
      }
      const rows = await table(list, { queryType: 'services' }, span);
      expect(rows.map(({ service }) => service).sort()).toEqual([...expected.keys()].sort());
      for (const row of rows) {
        expect(row).toMatchObject(expected.get(String(row.service)) ?? {});
      }
    }),
    { numRuns: 25 }
  );
});

it('adds up: periods to the range, adjacent ranges to their union, buckets of a graph to the table', async () => {
  const units: PeriodUnit[] = ['hour', 'day', 'week', 'month', 'quarter'];
  await fc.assert(
    fc.asyncProperty(
      someEntries(hours, 40),
      spanWithin(hours),
      someZone,
      fc.constantFrom(...units),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (list, span, zone, interval, share) => {
        const target: Target = { queryType: 'breakdown', groupBy: 'service' };
        const whole = sum(await table(list, target, span, zone), 'requests_count_total');
        const perPeriod = await table(list, { queryType: 'summary', interval }, span, zone);
        expect(perPeriod.map(({ period }) => period)).toEqual(
          periodsOf(span, interval, zone).map(({ label }) => label)
        );
        expect(sum(perPeriod, 'requests_count_total')).toBe(whole);

        const middle = Math.floor(span.start + (span.end - span.start) * share);
        const parts = [
          { ...span, end: middle },
          { ...span, start: middle },
        ].filter(({ start, end }) => end > start);
        const counts = await Promise.all(parts.map((part) => table(list, target, part, zone)));
        expect(counts.reduce((total, rows) => total + sum(rows, 'requests_count_total'), 0)).toBe(whole);

        const [graph] = await clusterWith(list).frames({ ...target, interval, format: 'timeseries' }, span, zone);
        expect(valuesOf(graph).reduce<number>((total, value) => total + Number(value ?? 0), 0)).toBe(whole);
        expect(graph?.fields[0]?.values).toEqual(periodsOf(span, interval, zone).map(({ start }) => start));
      }
    ),
    { numRuns: 25 }
  );
});

const valuesOf = (frame: DataFrame | undefined) => (frame?.fields ?? []).slice(1).flatMap(({ values }) => [...values]);

it('does not care in which order the lines came', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 30), fc.nat(), async (list, seed) => {
      const span = { start: epoch, end: epoch + hours * 3_600_000 };
      const shuffled = [...list].sort(
        (a, b) => Number((a.time * BigInt(seed + 7)) % 101n) - Number((b.time * 13n) % 97n)
      );
      const targets: Target[] = [
        { queryType: 'summary', includeUsers: true },
        { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
        { queryType: 'services' },
        { queryType: 'metric', metric: 'requests-per-user' },
      ];
      for (const target of targets) {
        expect(await table(shuffled, target, span)).toEqual(await table(list, target, span));
      }
    }),
    { numRuns: 15 }
  );
});

it('finds no difference between the reports', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), spanWithin(hours), async (list, span) => {
      const rows = await table(list, { queryType: 'reconciliation' }, span);
      const requests = rows.find(({ figure }) => figure === 'requests_count_total');
      const all = requestsIn(list, span).length;
      expect(requests).toMatchObject({ summary: all, by_service: all, by_user: all, by_country: all, difference: 0 });
      expect(rows.filter(({ difference }) => difference !== 0 && difference !== null)).toEqual([]);
      // Prometheus refused, so that nothing can be said of hours.
      expect(rows.find(({ figure }) => figure === 'cpu_hours_total')).toMatchObject({
        summary: null,
        difference: null,
      });
    }),
    { numRuns: 15 }
  );
});

it('lists all sources, also when one of them is refused', async () => {
  const rows = await table([], { queryType: 'completeness' }, { start: epoch, end: epoch + dayMs });
  expect(rows.map(({ source }) => source)).toEqual([
    'service-inventory',
    'usage-cpu',
    'usage-gpu',
    'request-logs',
    'exposed-request-logs',
    'country-attribution',
    'user-roster',
  ]);
  expect(rows.find(({ source }) => source === 'usage-cpu')).toMatchObject({ status: 'missing', coverage_percent: 0 });
});

it('refuses a time series of what has none, and says what has', async () => {
  const refused = clusterWith([]).frames(
    { queryType: 'reconciliation', format: 'timeseries' },
    { start: epoch, end: epoch + dayMs }
  );
  await expect(refused).rejects.toThrow(/reconciliation.*summary, metric, breakdown/);
});

it('shades what is missing, and leaves the buckets of a missing source empty', async () => {
  const span = { start: epoch, end: epoch + 2 * dayMs };
  const frames = await clusterWith([]).frames({ queryType: 'summary', format: 'timeseries' }, span);
  const [graph, gaps] = frames;
  const cpu = graph?.fields.find(({ name }) => name === 'cpu_hours_total');
  expect(new Set(cpu?.values)).toEqual(new Set([null]));
  expect(gaps?.meta?.dataTopic).toBe('annotations');
  expect(rowsOf(gaps)).toContainEqual(
    expect.objectContaining({ time: span.start, timeEnd: span.end - 1, isRegion: true, tags: ['usage-cpu'] })
  );
});
