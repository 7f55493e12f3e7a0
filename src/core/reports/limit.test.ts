import fc from 'fast-check';

import { facts as someFacts, factsOf, type PlainFacts } from '../../testing/facts';
import { finish } from '../../testing/finish';
import { type MetricKey, metricKeys } from '../domain/metricKeys';
import { type UsageQuery } from '../query';
import { rowOrder, rowTest } from './arrange';
import { chooseKept, keptInSpan } from './limit';
import { reports } from './registry';
import { type Cell, type Facts, type ReportContext, type Row } from './report';
import { selectionOf } from './selection';

type Target = Omit<UsageQuery, 'refId'>;

const contextOf = (target: Target): ReportContext => ({
  query: { ...target },
  services: target.services && new Set(target.services),
  membershipOf: () => 'unknown',
  rejectedRequests: 'separate',
});

/** The rows of a span, as a table shows them, where the range has other facts too. */
function rowsOf(target: Target, facts: Facts, range = facts): Row[] {
  const context = contextOf(target);
  const report = reports[target.queryType];
  const choice = finish(chooseKept(report, context, () => range));
  const kept = choice && finish(keptInSpan(report, context, facts, choice.kept));
  const selection = selectionOf(report, context.query);
  const rows = finish(report.rows(facts, { ...context, kept })).filter(rowTest(report, selection));
  const order = rowOrder(report, selection);
  return order ? rows.sort(order) : rows;
}

/** Rows by which the figures of the others may be counted anew. */
const others = (rows: readonly Row[]) => rows.filter(({ last }) => last === 'others');
const own = (rows: readonly Row[]) => rows.filter(({ last }) => last === undefined);

const targets: Target[] = [
  { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'country' },
  { queryType: 'services' },
  { queryType: 'breakdown', groupBy: 'service', columns: ['cpu_hours', 'countries', 'users', 'unique_users_count'] },
  { queryType: 'breakdown', groupBy: 'service', columns: ['requests_count_exposed', 'requests_count_rejected'] },
  { queryType: 'breakdown', groupBy: 'user', columns: ['requests_count_sync', 'countries', 'services_count'] },
  { queryType: 'breakdown', groupBy: 'country', columns: ['country_name'] },
];

const distinct = ['unique_users_count', 'services_count'];

/** What a column sums to over rows; people and services are never added up. */
function sums(target: Target, rows: readonly Row[]): Record<string, number | null> {
  const columns = reports[target.queryType].columns({ ...target });
  return Object.fromEntries(
    columns
      .filter(({ name, type }) => ['count', 'hours', 'percent'].includes(type) && !distinct.includes(name))
      .map(({ name }) => {
        const values = rows.flatMap(({ cells }) => (typeof cells[name] === 'number' ? [cells[name]] : []));
        return [name, values.length > 0 ? Math.round(values.reduce((sum, value) => sum + value, 0) * 1e6) / 1e6 : null];
      })
  );
}

/** Requests of some rows in the plainest way. */
function requestsOf({ requests }: PlainFacts, target: Target, rows: readonly Row[]) {
  const key = target.queryType === 'breakdown' ? (target.groupBy ?? 'service') : 'service';
  const names = new Set(rows.map(({ cells }) => cells.key ?? cells.service ?? cells.country));
  return (requests ?? []).filter((request) => names.has(request[key]));
}

const countriesOf = (list: ReturnType<typeof requestsOf>): string => {
  const counts = new Map<string, number>();
  for (const { country, count } of list) {
    counts.set(country, (counts.get(country) ?? 0) + count);
  }
  counts.delete('unknown');
  const sorted = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return sorted.map(([country, count]) => `${country}:${count}`).join('|');
};

/** What the texts and distinct numbers of some rows are together, counted anew. */
function recounted(plain: PlainFacts, target: Target, rows: readonly Row[]): Record<string, Cell> {
  const list = requestsOf(plain, target, rows);
  const users = [...new Set(list.map(({ user }) => user))].sort();
  return {
    unique_users_count: users.length,
    users: users.join('|'),
    services_count: new Set(list.map(({ service }) => service).filter((name) => name !== '(invalid)')).size,
    countries: plain.hasCountries ? countriesOf(list) : null,
  };
}

const someLimit = fc.integer({ min: 1, max: 5 });

it.each(targets)('keeps the first rows of %j, and has the rest in one', (target) => {
  fc.assert(
    fc.property(someFacts, someLimit, (plain, limit) => {
      const facts = factsOf(plain);
      const all = rowsOf(target, facts);
      const limited = rowsOf({ ...target, limit }, facts);
      const expected = own(all).slice(0, limit);
      expect(own(limited)).toEqual(expected);
      expect(sums(target, limited)).toEqual(sums(target, all));
      const rest = own(all).slice(limit);
      expect(others(limited)).toHaveLength(rest.length > 0 ? 1 : 0);
      // The others come after all others but the rejected.
      expect(limited.map(({ last }) => last ?? '')).toEqual([
        ...expected.map(() => ''),
        ...(rest.length > 0 ? ['others'] : []),
        ...(all.some(({ last }) => last === 'rejected') ? ['rejected'] : []),
      ]);
      const [merged] = others(limited);
      if (merged && plain.requests) {
        const shown = Object.entries(recounted(plain, target, rest)).filter(([name]) => name in merged.cells);
        expect(merged.cells).toMatchObject(Object.fromEntries(shown));
      }
    })
  );
});

it('keeps the same rows in every period, whose others are those of the period', () => {
  fc.assert(
    fc.property(someFacts, fc.constantFrom(...targets), someLimit, fc.nat(), (plain, target, limit, seed) => {
      // Some of the range's requests and hours are those of the period; the sources are the same.
      const isIn = (_: unknown, index: number) => (index + seed) % 2 === 0;
      const part = <T>(list: T[] | null) => list && list.filter(isIn);
      const hours = (map: ReadonlyMap<string, number> | null) => map && new Map([...map].filter(isIn));
      const inPeriod: PlainFacts = {
        ...plain,
        requests: part(plain.requests),
        exposed: part(plain.exposed),
        cpu: hours(plain.cpu),
        gpu: hours(plain.gpu),
        gpuKinds: null,
      };
      const [range, period] = [factsOf(plain), factsOf(inPeriod)];
      const nameOf = ({ cells }: Row) => cells.key ?? cells.service ?? cells.country;
      const names = own(rowsOf({ ...target, limit }, range)).map(nameOf);
      const isMerging = others(rowsOf({ ...target, limit }, range)).length > 0;
      const all = rowsOf(target, period);
      const rows = rowsOf({ ...target, limit }, period, range);
      expect(own(rows)).toEqual(own(all).filter((row) => !isMerging || names.includes(nameOf(row))));
      expect(sums(target, rows)).toEqual(sums(target, all));
      const rest = own(all).filter((row) => isMerging && !names.includes(nameOf(row)));
      expect(others(rows)).toHaveLength(rest.length > 0 ? 1 : 0);
      const [merged] = others(rows);
      if (merged && inPeriod.requests) {
        const shown = Object.entries(recounted(inPeriod, target, rest)).filter(([name]) => name in merged.cells);
        expect(merged.cells).toMatchObject(Object.fromEntries(shown));
      }
    })
  );
});

const additive = (key: string) => !['users-per-service', 'countries-count'].includes(key);

it.each<MetricKey | undefined>([undefined, ...metricKeys])('limits each metric for itself: %s', (metric) => {
  fc.assert(
    fc.property(someFacts, someLimit, fc.option(fc.subarray(['a', 'b', 'idle'])), (plain, limit, services) => {
      const target: Target = { queryType: 'metric', metric, ...(services && { services }) };
      const facts = factsOf(plain);
      const [all, limited] = [rowsOf(target, facts), rowsOf({ ...target, limit }, facts)];
      for (const key of new Set(all.map(({ cells }) => String(cells.metric)))) {
        const of = (rows: readonly Row[]) => rows.filter(({ cells }) => cells.metric === key);
        const ranked = [...of(all)].sort(
          (a, b) => Number(b.cells.value ?? -1) - Number(a.cells.value ?? -1) || compareNames(a, b)
        );
        expect(own(of(limited)).sort(compareNames)).toEqual(ranked.slice(0, limit).sort(compareNames));
        const rest = ranked.slice(limit);
        const [merged] = others(of(limited));
        if (rest.length === 0) {
          expect(merged).toBeUndefined();
        } else if (rest.every(({ cells }) => cells.value === null)) {
          expect(merged?.cells.value).toBeNull();
        } else if (additive(key)) {
          expect(merged?.cells.value).toBeCloseTo(
            rest.reduce((sum, { cells }) => sum + Number(cells.value), 0),
            6
          );
        } else {
          const names = new Set(rest.map(({ cells }) => cells.service));
          const list = (plain.requests ?? []).filter(({ service }) => names.has(service));
          const counted =
            key === 'users-per-service'
              ? list.map(({ user }) => user)
              : list.map(({ country }) => country).filter((country) => country !== 'unknown');
          expect(merged?.cells.value).toBe(new Set(counted).size);
        }
      }
      const places = limited.map(({ last }) => last === 'others');
      expect(places.lastIndexOf(false)).toBeLessThan(places.includes(true) ? places.indexOf(true) : places.length);
    })
  );
});

function compareNames({ cells: one }: Row, { cells: other }: Row): number {
  const [a, b] = [one, other].map(({ service, key }) => `${String(service)}\u0000${String(key)}`);
  return String(a) < String(b) ? -1 : 1;
}

it.each<Target>([
  { queryType: 'summary' },
  { queryType: 'membership' },
  { queryType: 'completeness' },
  { queryType: 'reconciliation' },
])('has no effect on %j', (target) => {
  fc.assert(
    fc.property(someFacts, (plain) => {
      const facts = factsOf(plain);
      expect(rowsOf({ ...target, limit: 1 }, facts)).toEqual(rowsOf(target, facts));
    })
  );
});

it('has one series for the others, in which each bucket is counted anew', () => {
  fc.assert(
    fc.property(someFacts, someLimit, (plain, limit) => {
      for (const groupBy of ['service', 'user', 'country'] as const) {
        const target: Target = { queryType: 'breakdown', groupBy, format: 'timeseries', limit };
        const facts = factsOf(plain);
        const context = contextOf(target);
        const choice = finish(chooseKept(reports.breakdown, context, () => facts));
        const pointsOf = (kept = choice?.kept) => {
          const work = reports.breakdown.series?.points(facts, { ...context, kept });
          return work ? finish(work) : [];
        };
        const [points, all] = [pointsOf(), finish(reports.breakdown.series!.points(facts, context))];
        const total = (list: typeof points) => list.reduce((sum, { value }) => sum + Number(value ?? 0), 0);
        expect(total(points)).toBe(total(all));
        expect(points.filter(({ last }) => last === undefined).length).toBeLessThanOrEqual(limit);
        expect(points.filter(({ last }) => last === 'others').length).toBeLessThanOrEqual(1);
      }
    })
  );
});
