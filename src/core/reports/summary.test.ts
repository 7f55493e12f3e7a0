import fc from 'fast-check';

import { facts as someFacts, factsOf, noFacts, oneByOne, type PlainFacts } from '../../testing/facts';
import { finish } from '../../testing/finish';
import { type ReportContext } from './report';
import { summary } from './summary';

const context: ReportContext = {
  query: { queryType: 'summary', includeUsers: true },
  services: undefined,
  membershipOf: () => 'unknown',
  rejectedRequests: 'separate',
};

const cellsOf = (facts: PlainFacts) => {
  const rows = finish(summary.rows(factsOf(facts), context));
  expect(rows).toHaveLength(1);
  return rows[0]?.cells ?? {};
};

it('equals a plain count of the requests one by one, and is null for what did not deliver', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const cells = cellsOf(facts);
      const all = facts.requests && oneByOne(facts.requests);
      const of = (type: string) => all && all.filter((one) => one.type === type).length;
      expect(cells.requests_count_total).toBe(all && all.length);
      expect(cells.requests_count_sync).toBe(of('sync'));
      expect(cells.requests_count_async).toBe(of('async'));
      expect(cells.requests_count_exposed).toBe(facts.exposed && oneByOne(facts.exposed).length);
      const users = all && [...new Set(all.map(({ user }) => user))].sort();
      expect(cells.users_count).toBe(users && users.length);
      expect(cells.users).toBe(users && users.join('|'));
      const located = facts.hasCountries && all ? all.filter(({ country }) => country !== 'unknown') : null;
      expect(cells.countries_count).toBe(located && new Set(located.map(({ country }) => country)).size);
    })
  );
});

it('sums the hours, and counts what is deployed', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const cells = cellsOf(facts);
      const sum = (hours: ReadonlyMap<string, number> | null) =>
        hours &&
        expect.closeTo(
          [...hours.values()].reduce((total, one) => total + one, 0),
          12
        );
      expect(cells.cpu_hours_total).toEqual(sum(facts.cpu));
      expect(cells.gpu_hours_total).toEqual(sum(facts.gpu));
      expect(cells.services_count_active).toBe(facts.deployed && facts.deployed.length);
    })
  );
});

it('counts the services with a request of any kind or CPU time, if the requests are known', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const services = new Set([...(facts.requests ?? []), ...(facts.exposed ?? [])].map(({ service }) => service));
      facts.cpu?.forEach((hours, service) => hours > 0 && services.add(service));
      const real = [...services].filter((service) => !service.startsWith('('));
      expect(cellsOf(facts).services_count_total).toBe(facts.requests && real.length);
    })
  );
});

it('tells failed and rejected requests apart', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const cells = cellsOf(facts);
      const all = facts.requests && oneByOne(facts.requests);
      expect(cells.requests_count_failed).toBe(all && all.filter(({ outcome }) => outcome === 'failed').length);
      expect(cells.requests_count_rejected).toBe(facts.rejected);
    })
  );
});

it('states its range in UTC, both ends inclusive', () => {
  const [row] = finish(summary.rows(factsOf({ ...noFacts, requests: [], hasCountries: true }), context));
  expect(row?.cells).toMatchObject({
    start_time: '1970-01-01T00:00:00.000Z',
    end_time: '1970-01-01T23:59:59.999Z',
    requests_count_total: 0,
    requests_count_exposed: null,
    attribution_percent: null,
    cpu_hours_total: null,
  });
});

it('has a cell for every column', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const columns = summary.columns(context.query).filter(({ role }) => role !== 'status');
      const cells = cellsOf(facts);
      expect(columns.filter(({ name }) => cells[name] === undefined)).toEqual([]);
    }),
    { numRuns: 20 }
  );
});
