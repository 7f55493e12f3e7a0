import fc from 'fast-check';

import { type UsageQuery } from '../query';
import { queryProblem, storedQueryProblem, withoutEmpty } from './validate';

const query = (parts: Record<string, unknown>) => ({ ...parts }) as unknown as UsageQuery;

it.each([
  { queryType: 'summary' },
  { queryType: 'metric' },
  { queryType: 'metric', metric: 'cpu-hours', interval: 'auto', format: 'timeseries' },
  { queryType: 'breakdown', groupBy: 'country', services: [], interval: 'quarter' },
  { queryType: 'summary', metric: '', services: null },
  { queryType: 'country', limit: 1 },
  { queryType: 'country', limit: ' 100 ' },
  { queryType: 'country', limit: 'All' },
  { queryType: 'country', limit: '$__all' },
  { queryType: 'country', limit: '' },
  { queryType: 'country', limit: null },
])('accepts %j', (parts) => {
  expect(queryProblem(query(parts))).toBeUndefined();
});

it.each([
  [{}, /queryType is missing.*summary.*reconciliation/],
  [{ queryType: 'constructor' }, /unknown queryType "constructor".*summary/],
  [{ queryType: 'metric', metric: 'cpu' }, /unknown metric "cpu".*cpu-hours/],
  [{ queryType: 'breakdown', groupBy: 'team' }, /unknown groupBy "team".*service, user, country/],
  [{ queryType: 'summary', interval: 'year' }, /unknown interval "year".*hour/],
  [{ queryType: 'summary', format: 'logs' }, /unknown format "logs".*table/],
  [{ queryType: 'summary', services: 'a' }, /services/],
  [{ queryType: 'summary', minimumCoveragePercent: 101 }, /minimumCoveragePercent must be a number from 0 to 100/],
  [{ queryType: 'summary', minimumCoveragePercent: '90' }, /minimumCoveragePercent/],
  [{ queryType: 'summary', services: ['a', 5] }, /services must be a list of service names/],
  [{ queryType: 'summary', includeUsers: 'no' }, /includeUsers must be true or false/],
  [{ queryType: 'summary', bypassCache: 1 }, /bypassCache must be true or false/],
  [{ queryType: 'completeness', sources: ['loki'] }, /sources must be a list of .*request-logs/],
  [{ queryType: 5 }, /unknown queryType 5.*summary/],
])('refuses %j', (parts, message) => {
  expect(queryProblem(query(parts))).toMatch(message);
});

it.each([0, -5, 2.5, 1e21, NaN, '0', '1e3', '10, 20', '$rows', true, [10], {}])('refuses the limit %j', (limit) => {
  expect(queryProblem(query({ queryType: 'country', limit }))).toMatch(
    /^limit must be a whole number above 0, or "all", not /
  );
});

it.each(['$rows', '${rows}', '${rows:raw}', '[[rows]]'])(
  'takes the limit %s of a stored query for a variable',
  (limit) => {
    expect(storedQueryProblem(query({ queryType: 'country', limit }))).toBeUndefined();
    expect(storedQueryProblem(query({ queryType: 'country', limit: 'rows' }))).toMatch(/limit/);
    expect(storedQueryProblem(query({ queryType: 'pie', limit }))).toMatch(/queryType/);
  }
);

it('takes null and empty texts for absent', () => {
  const stored = query({ queryType: 'metric', metric: '', format: null, interval: '', services: null });
  expect(withoutEmpty(stored)).toEqual({ queryType: 'metric' });
});

it('never breaks on what somebody stored', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('queryType', 'services', 'metric', 'interval', 'limit'), fc.anything()),
      (parts) => {
        expect(['string', 'undefined']).toContain(typeof queryProblem(query(parts)));
      }
    )
  );
});
