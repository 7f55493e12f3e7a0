import { type DataFrame } from '@grafana/data';
import fc from 'fast-check';

import { dayMs } from '../core/domain/duration';
import { type PeriodUnit, periodsOf } from '../core/domain/periods';
import { type Span } from '../core/domain/span';
import {
  belongsTo,
  entries as someEntries,
  epoch,
  type KnownEntry,
  spanWithin,
  zone as someZone,
} from '../testing/arbitraries';
import { clusterWith, rowsOf, type TestRow } from '../testing/cluster';
import { type OscarQuery } from './types';

/** Hours over which the entries lie. */
const hours = 60;

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
/** Requests that somebody processed (contract rule 1). */
function requestsIn(list: readonly KnownEntry[], span: Span) {
  return list.flatMap(({ time, meaning }) =>
    meaning && meaning.outcome !== 'rejected' && belongsTo(time, span) ? [{ ...meaning, time }] : []
  );
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

/** A choice of columns, each of which needs nothing but Loki. */
const someColumns = fc.subarray(
  ['requests_count_total', 'requests_count_sync', 'requests_count_async', 'unique_users_count', 'countries'],
  { minLength: 1 }
);

it('has the same figures in chosen columns, of the rows that have one, in the order of the first', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), spanWithin(hours), someColumns, async (list, span, columns) => {
      const target: Target = { queryType: 'breakdown', groupBy: 'service' };
      const all = await table(list, target, span);
      const cluster = clusterWith(list);
      const [frame] = await cluster.frames({ ...target, columns: ['key', ...columns] }, span);
      const rows = rowsOf(frame);
      const numbers = columns.filter((column) => column !== 'countries');
      const [first] = numbers;
      const expected = all
        .filter((row) => numbers.length === 0 || numbers.some((column) => countOf(row, column) > 0))
        .sort((a, b) => {
          const places = Number(a.key === '(rejected)') - Number(b.key === '(rejected)');
          const counts = first === undefined ? 0 : countOf(b, first) - countOf(a, first);
          return places || counts || (String(a.key) < String(b.key) ? -1 : 1);
        });
      const shown = ['key', ...columns];
      const cut = (row: TestRow) => Object.fromEntries(shown.map((column) => [column, row[column]]));
      expect(rows.map(cut)).toEqual(expected.map(cut));
      expect(frame?.fields.map(({ name }) => name).filter((name) => !name.startsWith('completeness'))).toEqual(shown);
      // Prometheus refuses everything here, which is no concern of these columns.
      expect([...cluster.asked]).toEqual(['loki']);
      const sources = (frame?.meta?.custom?.completeness as Array<{ source: string }>).map(({ source }) => source);
      expect(sources).toEqual(['request-logs', ...(columns.includes('countries') ? ['country-attribution'] : [])]);
    }),
    { numRuns: 25 }
  );
});

it('does not mark the figures of requests because countries are incomplete', async () => {
  const line = '[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:00:00Z | 200 | 1ms | 10.0.0.1 | POST    /run/a | u1';
  const entries = Array.from({ length: 40 }, (_, hour) => ({
    time: BigInt(epoch + hour * 3_600_000 + 1) * 1_000_000n,
    line,
    labels: { namespace: 'oscar', app: 'oscar', ...(hour > 20 && { geoip_country_code: 'ES' }) },
  }));
  const span = { start: epoch, end: epoch + 40 * 3_600_000 };
  const statusOf = async (columns: string[]) => {
    const [frame] = await clusterWith(entries).frames({ queryType: 'summary', columns }, span);
    return [rowsOf(frame)[0]?.completeness, (frame?.meta?.notices ?? []).map(({ severity }) => severity)];
  };
  expect(await statusOf(['requests_count_total', 'users_count'])).toEqual(['ok', []]);
  expect(await statusOf(['requests_count_total', 'countries_count'])).toEqual(['partial', ['warning']]);
});

it.each<[Target, string]>([
  [{ queryType: 'summary', columns: ['requests'] }, 'unknown column "requests"; valid are: start_time, end_time'],
  [{ queryType: 'breakdown', groupBy: 'user', columns: ['cpu_hours'] }, 'valid are: key, membership, executions_count'],
  [{ queryType: 'summary', format: 'timeseries', columns: ['users'] }, 'can be shown over time'],
])('refuses %j and asks nothing', async (target, message) => {
  const cluster = clusterWith([]);
  await expect(cluster.frames(target, { start: epoch, end: epoch + dayMs })).rejects.toThrow(message);
  expect([...cluster.asked]).toEqual([]);
});

it('draws the chosen columns over time', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), spanWithin(hours), async (list, span) => {
      const target: Target = { queryType: 'breakdown', groupBy: 'service' };
      const columns = ['requests_count_sync', 'requests_count_async'];
      const rows = await table(list, { ...target, columns }, span);
      const frames = await clusterWith(list).frames({ ...target, columns, format: 'timeseries' }, span);
      const fields = (frames[0]?.fields ?? []).slice(1);
      const drawn = fields.map(({ name, labels, values }) => [
        `${labels?.service ?? ''} ${name}`,
        (values as number[]).reduce((total, value) => total + value, 0),
      ]);
      const expected = rows.flatMap((row) =>
        columns.flatMap((column) =>
          countOf(row, column) > 0 ? [[`${String(row.key)} ${column}`, countOf(row, column)]] : []
        )
      );
      expect(Object.fromEntries(drawn)).toEqual(Object.fromEntries(expected));
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
