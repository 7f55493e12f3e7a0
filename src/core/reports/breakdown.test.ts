import fc from 'fast-check';

import { facts as someFacts, factsOf, type PlainFacts } from '../../testing/facts';
import { finish } from '../../testing/finish';
import { type BreakdownKey } from '../query';
import { breakdown } from './breakdown';
import { country } from './country';
import { membership } from './membership';
import { type Cell, type Report, type ReportContext } from './report';
import { summary } from './summary';

const context = (groupBy?: BreakdownKey): ReportContext => ({
  query: { queryType: 'breakdown', ...(groupBy && { groupBy }) },
  services: undefined,
  membershipOf: (user) => (user.startsWith('u') ? 'member' : 'external'),
  rejectedRequests: 'separate',
});
const cellsOf = (report: Report, facts: PlainFacts, groupBy?: BreakdownKey) =>
  finish(report.rows(factsOf(facts), context(groupBy))).map(({ cells }) => cells);
const sum = (rows: ReadonlyArray<Readonly<Record<string, Cell>>>, column: string) =>
  rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);

it('sums to the summary, by whatever it is broken down', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const [total = {}] = cellsOf(summary, facts);
      const requests = Number(total.requests_count_total ?? 0);
      const byService = cellsOf(breakdown, facts, 'service');
      expect(sum(byService, 'requests_count_total')).toBe(requests);
      expect(sum(byService, 'requests_count_sync') + sum(byService, 'requests_count_async')).toBe(requests);
      expect(sum(byService, 'requests_count_exposed')).toBe(Number(total.requests_count_exposed ?? 0));
      expect(sum(byService, 'cpu_hours')).toBeCloseTo(Number(total.cpu_hours_total ?? 0), 9);
      expect(sum(byService, 'gpu_hours')).toBeCloseTo(Number(total.gpu_hours_total ?? 0), 9);
      expect(sum(cellsOf(breakdown, facts, 'user'), 'executions_count')).toBe(requests);
      expect(sum(cellsOf(breakdown, facts, 'country'), 'executions_count')).toBe(requests);
      expect(sum(cellsOf(country, facts), 'request_count')).toBe(requests);
      expect(sum(cellsOf(membership, facts), 'executions_count')).toBe(requests);
      expect(sum(cellsOf(membership, facts), 'users_count')).toBe(Number(total.users_count ?? 0));
    })
  );
});

it('has null and not 0 in the columns of a source that delivered nothing', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      for (const row of cellsOf(breakdown, facts, 'service')) {
        expect(row.requests_count_total === null).toBe(facts.requests === null);
        expect(row.unique_users_count === null).toBe(facts.requests === null);
        expect(row.requests_count_exposed === null).toBe(facts.exposed === null);
        expect(row.cpu_hours === null).toBe(facts.cpu === null);
        expect(row.gpu_hours === null).toBe(facts.gpu === null);
        expect(row.countries === null).toBe(facts.requests === null || !facts.hasCountries);
      }
      for (const row of cellsOf(membership, facts)) {
        expect(row.executions_count === null).toBe(facts.requests === null);
      }
    })
  );
});

it('has the rejected requests on one row that sums to the summary, or on every row where they count', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const rows = cellsOf(breakdown, facts, 'service');
      const apart = rows.filter(({ key }) => key === '(rejected)');
      const shown = !facts.countsRejected && (facts.rejected ?? 0) > 0;
      expect(apart).toHaveLength(shown ? 1 : 0);
      expect(sum(rows, 'requests_count_rejected')).toBe(facts.rejected ?? 0);
      for (const row of apart) {
        const { key: _, requests_count_rejected: __, ...others } = row;
        expect(Object.values(others).filter((cell) => cell !== 0 && cell !== '' && cell !== null)).toEqual([]);
      }
      const [total = {}] = cellsOf(summary, facts);
      expect(sum(rows, 'requests_count_failed')).toBe(Number(total.requests_count_failed ?? 0));
      const points = breakdown.series?.points(factsOf(facts), context('service'));
      const names = points && finish(points).map(({ labels }) => labels.service);
      expect(names).not.toContain('(rejected)');
    })
  );
});

it('gives shares of the attributed requests that sum to 100.0, and none to the unknown', () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      const rows = cellsOf(country, facts);
      const known = rows.filter((row) => row.country !== 'unknown');
      expect(rows.find((row) => row.country === 'unknown')?.percentage ?? null).toBeNull();
      expect(Math.round(sum(known, 'percentage') * 10)).toBe(known.length > 0 ? 1000 : 0);
    })
  );
});
