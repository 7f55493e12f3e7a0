import fc from 'fast-check';

import { facts as someFacts, factsOf, noFacts, oneByOne, type PlainFacts } from '../../testing/facts';
import { finish } from '../../testing/finish';
import { type MetricKey, metricKeys } from '../domain/metricKeys';
import { metric } from './metric';
import { type Cell, type ReportContext } from './report';

const contextOf = (key?: MetricKey, services?: string[]): ReportContext => ({
  query: { queryType: 'metric', ...(key && { metric: key }) },
  services: services && new Set(services),
  membershipOf: () => 'unknown',
  rejectedRequests: 'separate',
});

const rowsOf = (facts: PlainFacts, key?: MetricKey, services?: string[]) =>
  finish(metric.rows(factsOf(facts), contextOf(key, services))).map(({ cells }) => cells);

type Values = Record<string, number>;
type Named = { service: string; user: string; country: string };

const tally = (names: readonly string[]): Values => {
  const counts: Values = {};
  names.forEach((name) => (counts[name] = (counts[name] ?? 0) + 1));
  return counts;
};
const byService = (list: readonly Named[]) => tally(list.map(({ service }) => service));
const byUser = ({ service, user }: Named) => `${service}/${user}`;
const byCountry = ({ service, country }: Named) => `${service}/${country}`;
/** How many different pairs there are of each service. */
const distinctPairs = (pairs: readonly string[]) => tally([...new Set(pairs)].map((pair) => pair.split('/')[0] ?? ''));

const requestsOf = ({ requests }: PlainFacts) => requests && oneByOne(requests);
const exposedOf = ({ exposed }: PlainFacts) => exposed && oneByOne(exposed);
const locatedOf = ({ requests, hasCountries }: PlainFacts) =>
  hasCountries && requests ? oneByOne(requests).filter(({ country }) => country !== 'unknown') : null;
const given = <T>(list: readonly T[] | null, count: (list: readonly T[]) => Values) => list && count(list);

/** Values by service and key, counted in the plainest way; null when the source delivered nothing. */
const naiveCounts: Readonly<Record<Exclude<MetricKey, 'services-count'>, (facts: PlainFacts) => Values | null>> = {
  'cpu-hours': ({ cpu }) => cpu && Object.fromEntries(cpu),
  'gpu-hours': ({ gpu }) => gpu && Object.fromEntries(gpu),
  'requests-sync-per-service': (facts) =>
    given(requestsOf(facts), (all) => byService(all.filter(({ type }) => type === 'sync'))),
  'requests-async-per-service': (facts) =>
    given(requestsOf(facts), (all) => byService(all.filter(({ type }) => type === 'async'))),
  'requests-exposed-per-service': (facts) => given(exposedOf(facts), byService),
  'requests-per-user': (facts) => given(requestsOf(facts), (all) => tally(all.map(byUser))),
  'users-per-service': (facts) => given(requestsOf(facts), (all) => distinctPairs(all.map(byUser))),
  'countries-count': (facts) => given(locatedOf(facts), (all) => distinctPairs(all.map(byCountry))),
  'countries-list': (facts) => given(locatedOf(facts), (all) => tally(all.map(byCountry))),
};

const naive = (facts: PlainFacts, key: MetricKey) => (key === 'services-count' ? null : naiveCounts[key](facts));

const nameOf = ({ service, key }: Readonly<Record<string, Cell>>) =>
  key ? `${String(service)}/${String(key)}` : String(service);

it.each(metricKeys.filter((key) => key !== 'services-count'))('%s equals a plain count', (key) => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const rows = rowsOf(facts, key);
      const expected = naive(facts, key);
      if (!expected) {
        expect(rows.map(({ value }) => value)).toEqual([null]);
        return;
      }
      const nonZero = (values: Array<[string, Cell]>) => values.filter(([, value]) => value !== 0).sort();
      expect(nonZero(rows.map((row) => [nameOf(row), row.value ?? null]))).toEqual(nonZero(Object.entries(expected)));
      expect(rows.every(({ metric: name, value }) => name === key && value !== null)).toBe(true);
      const values = rows.map(({ value }) => Number(value));
      expect(values).toEqual([...values].sort((a, b) => b - a));
    })
  );
});

it('has every per-service metric of every service once when none is named, null where its source is missing', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const rows = rowsOf(facts);
      const names = rows.map((row) => `${String(row.service)} ${String(row.metric)}`);
      expect(new Set(names).size).toBe(names.length);
      for (const row of rows) {
        const expected = naive(facts, row.metric as MetricKey);
        expect(row.value).toBe(expected ? (expected[String(row.service)] ?? 0) : null);
      }
    })
  );
});

it('gives a service that was asked for a measured 0, or null', () => {
  expect(rowsOf({ ...noFacts, requests: [] }, 'requests-sync-per-service', ['idle'])).toMatchObject([
    { service: 'idle', value: 0 },
  ]);
  expect(rowsOf({ ...noFacts, requests: null }, 'requests-sync-per-service', ['idle'])).toMatchObject([
    { service: 'idle', value: null },
  ]);
});

it('does not know the number of services without the requests, and knows it without the rest', () => {
  const known = { ...noFacts, cpu: new Map([['a', 1]]) };
  expect(rowsOf(known, 'services-count')).toMatchObject([{ value: null }]);
  expect(rowsOf({ ...known, requests: [] }, 'services-count')).toMatchObject([{ value: 1 }]);
});
