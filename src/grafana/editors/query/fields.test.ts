import fc from 'fast-check';

import { metricKeys } from '../../../core/domain/metricKeys';
import { periodUnits } from '../../../core/domain/periods';
import { queryTypes } from '../../../core/query';
import { reports } from '../../../core/reports/registry';
import { queryProblem } from '../../../core/reports/validate';
import { type OscarQuery } from '../../types';
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
    columns: fc.option(
      fc.subarray(['key', 'requests_count_total', 'executions_count', 'cpu_hours', 'countries', 'no such column']),
      { nil: undefined }
    ),
    bypassCache: optional(true, false),
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
      for (const field of used.filter((one) => one !== 'columns')) {
        expect(changed[field]).toEqual(query[field]);
      }
      const names = reports[queryType].columns(changed).map(({ name }) => name);
      const fitting = (query.columns ?? []).filter((name) => names.includes(name));
      expect([fitting, undefined]).toContainEqual(changed.columns);
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

it('drops the columns that another grouping or shape does not have', () => {
  const query: OscarQuery = {
    refId: 'A',
    queryType: 'breakdown',
    groupBy: 'service',
    columns: ['requests_count_sync', 'cpu_hours', 'countries'],
  };
  expect(withFields(query, { groupBy: 'user' }).columns).toEqual(['requests_count_sync', 'countries']);
  expect(withFields(query, { groupBy: 'country' })).not.toHaveProperty('columns');
  expect(withFields(query, { format: 'timeseries' }).columns).toEqual(query.columns);
  expect(withFields({ ...query, columns: ['countries'] }, { format: 'timeseries' })).not.toHaveProperty('columns');
  // What is wrong stays to be seen as long as nothing else makes it pointless.
  expect(withFields({ ...query, columns: ['gone'] }, { interval: 'day' }).columns).toEqual(['gone']);
});

it('has no switch for users where columns are chosen', () => {
  const query: OscarQuery = { refId: 'A', queryType: 'summary', includeUsers: true };
  expect(withFields(query, { columns: ['users', 'users_count'] })).toEqual({
    refId: 'A',
    queryType: 'summary',
    columns: ['users', 'users_count'],
  });
});
