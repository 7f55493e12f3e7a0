import { type DataFrame } from '@grafana/data';
import fc from 'fast-check';

import { dayMs } from '../core/domain/duration';
import { metricKeys } from '../core/domain/metricKeys';
import { periodUnits } from '../core/domain/periods';
import { queryTypes } from '../core/query';
import { reports } from '../core/reports/registry';
import { choosableNames } from '../core/reports/selection';
import { epoch, managerLine } from '../testing/arbitraries';
import { clusterWith } from '../testing/cluster';
import { type OscarQuery } from './types';

const range = { start: epoch, end: epoch + 2 * dayMs };

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(range.end + 10 * dayMs);
});
afterEach(() => jest.restoreAllMocks());

const cluster = () =>
  clusterWith(
    ['a', 'b'].map((service, index) => ({
      time: BigInt(epoch + index * dayMs + 1) * 1_000_000n,
      labels: { geoip_country_code: 'ES' },
      line: managerLine({ type: 'sync', service, user: 'u@x' }, ''),
    }))
  );

type Target = Omit<OscarQuery, 'refId'>;

/** Query types that a selection of services is about; that of completeness is about none. */
const kinds: fc.Arbitrary<Target> = fc.oneof(
  fc
    .constantFrom(...queryTypes.filter((type) => !['completeness', 'breakdown', 'metric'].includes(type)))
    .map((queryType) => ({ queryType })),
  fc.constantFrom('service' as const, 'user' as const, 'country' as const).map((groupBy) => ({
    queryType: 'breakdown' as const,
    groupBy,
  })),
  fc.constantFrom(undefined, ...metricKeys).map((metric) => ({ queryType: 'metric' as const, metric }))
);

const target: fc.Arbitrary<Target> = fc
  .record({
    kind: kinds,
    isSeries: fc.boolean(),
    interval: fc.constantFrom(undefined, 'auto' as const, ...periodUnits),
    includeUsers: fc.boolean(),
  })
  .chain(({ kind, isSeries, ...others }) => {
    const format: OscarQuery['format'] = isSeries && reports[kind.queryType].series ? 'timeseries' : 'table';
    const query: Target = { ...kind, ...others, format };
    const names = choosableNames(reports[kind.queryType], query);
    return fc.option(fc.subarray(names), { nil: undefined }).map((columns) => ({ ...query, columns }));
  });

/** What tells fields apart, without the column that only a table with something to say has. */
const fieldsOf = (frame: DataFrame | undefined) =>
  (frame?.fields ?? [])
    .filter(({ name }) => name !== 'completeness_notes')
    .map(({ name, type, labels, config }) => ({ name, type, labels, config }));

const ask = async (query: Target) => (await cluster().frames(query, range))[0];

/** The frame of a query about these services; undefined where all that it needs is in the Prometheus that refuses. */
const askFor = async (query: Target, ...services: string[]) =>
  ask({ ...query, services }).catch((error: Error) => {
    expect(error.message).toMatch(/^(?:usage-|service-inventory)/);
    return undefined;
  });

it('has the fields of a table that is filled, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(target, async (query) => {
      fc.pre(query.format === 'table');
      const [empty, filled] = [await ask({ ...query, services: [''] }), await askFor(query, 'a', 'b')];
      expect(empty?.length).toBe(0);
      expect(fieldsOf(empty)).toEqual(fieldsOf(filled ?? empty));
      expect(empty?.fields.every(({ values }) => values.length === 0)).toBe(true);
      expect(empty?.fields[0]?.name === 'period').toBe(query.interval !== undefined);
    })
  );
});

it('has the time and the series of a service with which nothing happened', async () => {
  await fc.assert(
    fc.asyncProperty(target, async (query) => {
      fc.pre(query.format === 'timeseries');
      const [empty, idle] = [await ask({ ...query, services: [''] }), await askFor(query, 'idle')];
      expect(empty?.length).toBe(0);
      expect(empty?.fields[0]).toMatchObject({ name: 'time', values: [] });
      expect(empty?.fields.every(({ values }) => values.length === 0)).toBe(true);
      // A series under the name of the chosen service is the only one that an empty selection can't have.
      const ofAll = fieldsOf(idle ?? empty).filter(({ labels }) => labels?.['service'] === undefined);
      expect(fieldsOf(empty)).toEqual(ofAll);
    })
  );
});

it.each(queryTypes.filter((type) => type !== 'completeness'))('asks nothing for %s, and says so', async (queryType) => {
  const { asked, frames } = cluster();
  const [frame] = await frames({ queryType, groupBy: 'service', interval: 'day', services: [''] }, range);
  expect([...asked]).toEqual([]);
  expect(frame?.fields[0]).toMatchObject({ name: 'period', type: 'string', values: [] });
  expect(frame?.meta?.notices).toMatchObject([{ severity: 'info', text: 'no service is selected' }]);
});
