import fc from 'fast-check';

import { metricKeys } from '../../domain/metricKeys';
import { periodUnits } from '../../domain/periods';
import { reports } from '../../reports/registry';
import { queryProblem } from '../../reports/validate';
import { type OscarQuery, queryTypes } from '../../types';
import { fieldsOf, withFields, withQueryType } from './fields';

const optional = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

const queries: fc.Arbitrary<OscarQuery> = fc.record(
  {
    refId: fc.constant('A'),
    datasource: fc.constant({ uid: 'oscar' }),
    queryType: fc.constantFrom(...queryTypes),
    format: optional('table', 'timeseries'),
    interval: optional('auto', ...periodUnits),
    services: fc.option(fc.array(fc.string()), { nil: undefined }),
    metric: optional(...metricKeys),
    groupBy: fc.constantFrom('service', 'user', 'country'),
    includeUsers: optional(true, false),
    readAgain: optional(true, false),
    minimumCoveragePercent: optional(0, 95),
  },
  { requiredKeys: ['refId', 'queryType', 'groupBy'] }
);

it('gives a valid query for every type, whatever the query was', () => {
  fc.assert(
    fc.property(queries, fc.constantFrom(...queryTypes), (query, queryType) => {
      const changed = withQueryType(query, queryType);
      expect(queryProblem(changed)).toBeUndefined();
      expect(changed).toMatchObject({ refId: 'A', queryType });
      expect(changed.datasource).toEqual(query.datasource);
    })
  );
});

it('holds no field that its type does not use, and changes none that it does', () => {
  fc.assert(
    fc.property(queries, fc.constantFrom(...queryTypes), (query, queryType) => {
      const changed = withQueryType(query, queryType);
      const used = fieldsOf(changed);
      const own = Object.keys(changed).filter((key) => !['refId', 'datasource', 'queryType'].includes(key));
      expect(used).toEqual(expect.arrayContaining(own));
      for (const field of used) {
        expect(changed[field]).toEqual(query[field]);
      }
    })
  );
});

it('breaks down by service, where nothing was said', () => {
  expect(withQueryType({ refId: 'A', queryType: 'summary' }, 'breakdown').groupBy).toBe('service');
});

it('removes a field that is set to undefined', () => {
  const query: OscarQuery = { refId: 'A', queryType: 'summary', interval: 'day' };
  expect(Object.keys(withFields(query, { interval: undefined }))).toEqual(['refId', 'queryType']);
  expect(query.interval).toBe('day');
});

it('drops the list of users with the table', () => {
  const query: OscarQuery = { refId: 'A', queryType: 'summary', includeUsers: true };
  expect(withFields(query, { format: 'timeseries' })).toEqual({
    refId: 'A',
    queryType: 'summary',
    format: 'timeseries',
  });
});

it('offers a time series exactly where the report has one', () => {
  const withFormat = queryTypes.filter((queryType) => fieldsOf({ refId: 'A', queryType }).includes('format'));
  expect(withFormat).toEqual(queryTypes.filter((queryType) => reports[queryType].series !== undefined));
});

it('has no field for an unknown type', () => {
  expect(fieldsOf({ refId: 'A', queryType: 'pie' as OscarQuery['queryType'] })).toEqual([]);
});
